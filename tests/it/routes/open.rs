//! What is answered without a credential, and what is not.

use crate::support::Server;

#[test]
fn health_and_readiness_need_no_credential() {
    let server = Server::start();
    for path in ["/health", "/ready"] {
        let answer = server.anyone().get(path).expect(200);
        assert_eq!(answer.member("status"), "ok", "{path}");
        assert_eq!(answer.header("cache-control"), None, "{path}");
    }
    let wrong = server.bearer("hunter2").get("/health");
    wrong.expect(200);
}

#[test]
fn a_path_outside_the_api_that_does_not_exist() {
    let server = Server::start();
    for path in [
        "/v1x",
        "/v2/clients",
        "/.well-known/nothing",
        "/oauth/nothing",
        "/HEALTH",
        "/health/",
        "//v1/clients",
        "/favicon.ico",
    ] {
        let missing = server.anyone().get(path);
        let missing = missing.refused(404, "route_not_found");
        assert_eq!(missing.header("content-type"), Some("application/json"));
    }
}

#[test]
fn a_path_inside_the_api_that_does_not_exist() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    for path in [
        "/v1",
        "/v1/",
        "/v1/nothing",
        "/v1/clients/",
        "/v1//clients",
        "/v1/Clients",
        "/api/v1/clients",
        "/v1/../health",
    ] {
        server.anyone().get(path).refused(401, "auth_missing");
        key.get(path).refused(404, "route_not_found");
    }
}

#[test]
fn head_is_a_get_without_a_body() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    for (caller, path) in [(server.anyone(), "/health"), (key, "/v1/whoami")] {
        let get = caller.get(path).expect(200);

        let head = caller.send("HEAD", path, &[], None).expect(200);

        assert!(head.body.is_empty());
        for name in ["content-length", "content-type", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
    let refused = server.anyone().send("HEAD", "/v1/whoami", &[], None);
    assert!(refused.expect(401).body.is_empty());
}

#[test]
fn methods_that_a_path_does_not_have() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    for (method, path, allowed) in [
        ("TRACE", "/v1/clients", "GET, POST, HEAD"),
        ("BREW", "/v1/clients", "GET, POST, HEAD"),
        ("OPTIONS", "/v1/clients", "GET, POST, HEAD"),
        ("DELETE", "/v1/clients", "GET, POST, HEAD"),
        ("PUT", "/v1/clients/cl_x", "GET, PATCH, HEAD"),
        ("GET", "/v1/clients/cl_x/archive", "POST"),
        ("HEAD", "/v1/clients/cl_x/archive", "POST"),
        ("TRACE", "/health", "GET, HEAD"),
        ("POST", "/health", "GET, HEAD"),
    ] {
        let refused = key.send(method, path, &[], None).expect(405);
        assert_eq!(refused.header("allow"), Some(allowed), "{method} {path}");
        if method != "HEAD" {
            assert_eq!(refused.code(), "method_not_allowed");
        }
    }
    let anyone = server.anyone().send("TRACE", "/v1/clients", &[], None);
    anyone.refused(401, "auth_missing");
}
