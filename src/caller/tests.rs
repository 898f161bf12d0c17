use super::*;

#[test]
fn write_implies_read_and_nothing_else() {
    let set = Scopes::from_text("clients:write");

    assert!(set.allow(Scope::ClientsRead) && set.allow(Scope::ClientsWrite));
    assert!(!set.allow(Scope::ClientsErase) && !set.allow(Scope::KeysRead));
    assert_eq!(set.names(), ["clients:write"]);
    assert!(set.cover(Scopes::from_text("clients:read")));
    assert!(!Scopes::from_text("clients:read").cover(set));
}

#[test]
fn public_leaves_out_what_manages_and_what_looks_behind_the_scenes() {
    let left_out: Vec<_> = Scope::ALL
        .iter()
        .filter(|scope| !scope.is_public())
        .map(|s| s.name())
        .collect();

    assert_eq!(
        left_out,
        [
            "keys:read",
            "keys:write",
            "workspace:read",
            "workspace:write",
            "clients:erase",
            "outbox:read",
            "logs:read"
        ]
    );
}
