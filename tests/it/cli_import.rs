//! `cadence import`, as the program.

use std::fs;

use crate::process::{Directory, Ran};

fn import(directory: &Directory, workspace: &str, file: &str, more: &[&str]) -> Ran {
    let file = directory.file(file);
    let mut arguments = vec!["import", file.to_str().unwrap()];
    arguments.extend(["--workspace", workspace, "--mode", "test"]);
    arguments.extend(more);
    directory.cadence(&arguments)
}

#[test]
fn a_file_is_imported_beside_the_server_and_without() {
    let directory = Directory::new();
    let workspace = directory.account("ann@example.com");
    let key = directory.key(&workspace);
    let file = "Name;E-mail;Coach\nAna;ana@example.com;Eva\nRui;nobody\u{1b}[2J;\n";
    fs::write(directory.file("clients.csv"), file).unwrap();

    let dry = import(&directory, &workspace, "clients.csv", &["--dry-run"]);
    let server = directory.serve();
    let beside = import(&directory, &workspace, "clients.csv", &[]);
    let clients = server
        .connect(key["plaintext"].as_str().unwrap())
        .get("/v1/clients");
    drop(server);
    let again = import(&directory, &workspace, "clients.csv", &["--json"]);

    assert!(dry.code == 0, "{}", dry.stderr);
    assert!(
        dry.stdout.contains("column Coach: left out"),
        "{}",
        dry.stdout
    );
    assert!(
        dry.stdout
            .ends_with("2 rows: 1 would be added, 0 duplicates, 1 invalid\n"),
        "{}",
        dry.stdout
    );
    assert!(!dry.stdout.contains('\u{1b}'), "{}", dry.stdout);
    assert!(
        beside
            .stdout
            .ends_with("2 rows: 1 added, 0 duplicates, 1 invalid\n"),
        "{}",
        beside.stdout
    );
    assert_eq!(clients.json()["data"][0]["name"], "Ana");
    let again: serde_json::Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!(
        (&again["created"], &again["duplicates"]),
        (&0.into(), &1.into())
    );
}

#[test]
fn a_file_that_cannot_be_imported_is_refused_with_a_sentence() {
    let directory = Directory::new();
    let workspace = directory.account("ann@example.com");
    fs::write(directory.file("broken.csv"), "name,email\n\"Ana,a@b.co\n").unwrap();
    fs::write(directory.file("clients.xlsx"), "PK").unwrap();
    fs::write(directory.file("large.csv"), vec![b'x'; 5 * 1024 * 1024 + 1]).unwrap();
    fs::write(directory.file("good.csv"), "name,email\nAna,a@b.co\n").unwrap();

    for (file, more, says) in [
        ("broken.csv", &[][..], "line 2 is never closed"),
        ("clients.xlsx", &[], "must end with .csv"),
        ("large.csv", &[], "larger than 5 MB"),
        ("missing.csv", &[], "cannot be read"),
        ("good.csv", &["--columns", "Nome:name"], "no column `Nome`"),
        ("good.csv", &["--calling-code", "0"], "one to three digits"),
    ] {
        let ran = import(&directory, &workspace, file, more);
        assert!(
            ran.code == 1 && ran.stderr.contains(says),
            "{file}: {}",
            ran.stderr
        );
    }
    let nobody = import(&directory, "ws_01jzkd6v8q9xw2m4n6p8r0t2v4", "good.csv", &[]);
    assert!(
        nobody.stderr.contains("There is no workspace"),
        "{}",
        nobody.stderr
    );
}
