use crate::chromium::{Chromium, DESK};
use crate::needs_browser;
use crate::process::Directory;

#[test]
fn smoke() {
    needs_browser!();
    let directory = Directory::new();
    let server = directory.serve();
    let origin = format!("http://{}", server.address);
    let browser = Chromium::open(DESK);
    browser.go(&format!("{origin}/health"));
    browser.see("ok");
    println!("{:?} {:?}", browser.violations(), browser.text());
    browser.assert_clean(&origin, &[404]);
}
