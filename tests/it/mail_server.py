"""A mail server of somebody else's making, for tests: STARTTLS and a password are required.

Takes the folder of its certificate as an argument. Prints its port, then each mail as a line of JSON.
"""

import json
import socket
import ssl
import sys
from email import message_from_bytes

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


class Handler:
    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content)
        parts = {
            part.get_content_type(): part.get_payload(decode=True).decode("utf-8")
            for part in message.walk()
            if not part.is_multipart()
        }
        mail = {
            "to": envelope.rcpt_tos,
            "from": envelope.mail_from,
            "message_id": message["Message-ID"],
            "subject": message["Subject"],
            "tls": session.ssl is not None,
            "user": session.auth_data.login.decode(),
            "parts": parts,
        }
        print(json.dumps(mail), flush=True)
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and data.password == b"p@ss:word/1"
    return AuthResult(success=good, auth_data=data, handled=False)


folder = sys.argv[1]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
controller = Controller(
    Handler(),
    hostname="127.0.0.1",
    port=0,
    server_kwargs={
        "tls_context": context,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": authenticate,
    },
)


def trigger():
    """The controller would connect to port 0 to see that it listens: it does, on another one."""
    address = controller.server.sockets[0].getsockname()
    with socket.create_connection(address, 5) as connection:
        connection.recv(1024)


controller._trigger_server = trigger
controller.start()
print(controller.server.sockets[0].getsockname()[1], flush=True)
sys.stdin.read()
controller.stop()
