//! `/v1/clients`

use serde_json::json;

use crate::support::Server;

#[test]
fn create_client_then_read_it_back() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);

    let created = key
        .post(
            "/v1/clients",
            &json!({ "name": "Ana", "email": "Ana@Example.com" }),
        )
        .expect(201);

    let id = created.member("id");
    assert_eq!(
        created.header("location"),
        Some(format!("/v1/clients/{id}").as_str())
    );
    assert_eq!(created.header("etag"), Some("\"1\""));
    let read = key.get(&format!("/v1/clients/{id}")).expect(200);
    println!("{}", read.text());
    println!("{:#?}", read.headers);
    println!("{}", created.text());
}
