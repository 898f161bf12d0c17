//! The letters to clients: they are in the name of a workspace.

use super::letter::Letter;

/// The letter that carries a code. Nothing in it is of whoever asked, such as the name of a browser:
/// anybody can ask, and would have a line of their own in a mail of this server's.
pub(super) fn client_code<'a>(
    workspace: &'a str,
    client: &str,
    code: &'a str,
    minutes: i64,
) -> Letter<'a> {
    Letter {
        sender: Some(workspace),
        subject: format!("Your code for the app of {workspace}"),
        greeting: format!("Hello {client},"),
        lines: vec![format!(
            "Type this code where you asked for it. It works for {minutes} minutes, once, and in that \
             browser only:"
        )],
        code: Some(code),
        facts: Vec::new(),
        link: None,
        closing: "If you did not ask for it, ignore this mail: nobody gets in with it elsewhere. \
            Tell the code to nobody, also not to your coach."
            .to_owned(),
    }
}

/// The letter that carries an install link.
pub(super) fn invite<'a>(
    workspace: &'a str,
    client: &str,
    link: &'a str,
    last_day: &str,
) -> Letter<'a> {
    Letter {
        sender: Some(workspace),
        subject: format!("{workspace} invites you to your training app"),
        greeting: format!("Hello {client},"),
        lines: vec![
            format!(
                "{workspace} will coach you with Cadence: programs, check-ins and messages in one \
                 place."
            ),
            "Open this link on your phone to get in:".to_owned(),
        ],
        code: None,
        facts: Vec::new(),
        link: Some(("Join now", link)),
        closing: format!(
            "The link is yours alone and works until {last_day}. If you did not expect this mail, \
             ignore it."
        ),
    }
}
