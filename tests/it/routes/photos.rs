//! `/v1/clients/{client_id}/photos`, `/v1/photos` and `/files`

use std::io::Write;

use cadence::access::workspaces;
use cadence::clock::Timestamp;
use cadence::files::{self, PHOTOS_MAX, Pose};
use cadence::ids::{CheckinId, ClientId, PhotoId};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{GenericImageView, ImageFormat};
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Coach, Server, drawn, encoded, jpeg};

const MINUTE_MS: i64 = 60_000;
/// What no file that is kept may hold.
const CANARY: &[u8] = b"Canary Phone Company";

struct Studio {
    server: Server,
    coach: Coach,
    key: Caller,
    client: String,
    photos: String,
}

impl Studio {
    fn open() -> Self {
        let server = Server::start();
        let coach = server.coach("coach@example.com");
        let key = server.key(coach, &[]);
        let client = add_client(&key, "ana@example.com");
        Self {
            photos: format!("/v1/clients/{client}/photos"),
            server,
            coach,
            key,
            client,
        }
    }

    fn send(&self, file: &[u8]) -> Answer {
        self.key.post_form(&self.photos, &[("file", file)])
    }

    fn photo(&self) -> Answer {
        self.send(&jpeg()).expect(201)
    }

    fn kept(&self) -> (i64, i64) {
        (
            self.server.rows("photos"),
            self.server.rows("photo_pictures"),
        )
    }
}

fn add_client(key: &Caller, email: &str) -> String {
    let new = json!({
        "name": "Ana", "email": email, "send_invite": false, "timezone": "Pacific/Auckland",
    });
    key.post("/v1/clients", &new).expect(201).member("id")
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// EXIF data as a telephone writes it: who made it, which way is up, and where it was taken.
fn exif(orientation: u16) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    let entry = |place: &mut Vec<u8>, tag: u16, kind: u16, count: u32, value: u32| {
        place.extend_from_slice(&tag.to_le_bytes());
        place.extend_from_slice(&kind.to_le_bytes());
        place.extend_from_slice(&count.to_le_bytes());
        place.extend_from_slice(&value.to_le_bytes());
    };
    // Three entries from 8 on; behind them the maker's name at 50, the place at 80.
    let name_length = u32::try_from(CANARY.len() + 1).expect("short");
    tiff.extend_from_slice(&3_u16.to_le_bytes());
    entry(&mut tiff, 0x010f, 2, name_length, 50);
    entry(&mut tiff, 0x0112, 3, 1, u32::from(orientation));
    entry(&mut tiff, 0x8825, 4, 1, 80);
    tiff.extend_from_slice(&0_u32.to_le_bytes());
    tiff.extend_from_slice(CANARY);
    tiff.resize(80, 0);
    tiff.extend_from_slice(&2_u16.to_le_bytes());
    entry(&mut tiff, 1, 2, 2, u32::from(b'N'));
    entry(&mut tiff, 2, 5, 3, 110);
    tiff.extend_from_slice(&0_u32.to_le_bytes());
    for part in [38_u32, 1, 42, 1, 5_123, 100] {
        tiff.extend_from_slice(&part.to_le_bytes());
    }
    [b"Exif\0\0", &tiff[..]].concat()
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).expect("it fits");
    [&[0xff, marker], &length.to_be_bytes()[..], content].concat()
}

/// A photo as a telephone makes it: 12 megapixels on their side, EXIF data with the place, and so
/// many bytes in all.
fn phone_photo(bytes: usize) -> Vec<u8> {
    let mut whole = Vec::new();
    let picture = drawn(4_032, 3_024);
    JpegEncoder::new_with_quality(&mut whole, 95)
        .encode_image(&picture)
        .expect("a JPEG");
    let mut file = whole[..2].to_vec();
    file.extend(segment(0xe1, &exif(6)));
    // Its maker keeps notes of its own.
    while file.len() + whole.len() + 4 < bytes {
        let room = bytes - file.len() - whole.len() - 2;
        file.extend(segment(0xe4, &CANARY.repeat(4_000)[..room.min(65_533)]));
    }
    file.extend_from_slice(&whole[2..]);
    file
}

/// The markers of a JPEG's head.
fn markers(jpeg: &[u8]) -> Vec<u8> {
    let (mut at, mut found) = (2, Vec::new());
    while jpeg[at] == 0xff && jpeg[at + 1] != 0xda {
        found.push(jpeg[at + 1]);
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
    found
}

#[test]
fn a_telephones_photo_comes_out_small_upright_and_stripped() {
    let studio = Studio::open();
    let file = phone_photo(10_000_000);
    assert!(
        (9_990_000..=10_000_000).contains(&file.len()),
        "{}",
        file.len()
    );

    let sent = [
        ("file", &file[..]),
        ("pose", b"front"),
        ("taken_on", b"2026-05-30"),
    ];
    let answer = studio.key.post_form(&studio.photos, &sent).expect(201);

    let photo = answer.json();
    let id = answer.member("id");
    assert_eq!(
        answer.header("location"),
        Some(format!("/v1/photos/{id}").as_str())
    );
    assert_eq!(
        (&photo["object"], &photo["livemode"], &photo["client_id"]),
        (&json!("photo"), &json!(false), &json!(studio.client))
    );
    assert_eq!(
        (&photo["pose"], &photo["taken_on"], &photo["checkin_id"]),
        (&json!("front"), &json!("2026-05-30"), &json!(null))
    );
    // It lay on its side: now it stands.
    assert_eq!(
        (&photo["width"], &photo["height"]),
        (&json!(1_200), &json!(1_600))
    );
    let shown = studio
        .server
        .anyone()
        .get(&answer.member("url"))
        .expect(200);
    assert_eq!(shown.header("content-type"), Some("image/jpeg"));
    assert_eq!(photo["bytes"], json!(shown.body.len()));
    assert!(shown.body.len() < 300_000, "{} bytes", shown.body.len());
    let picture = image::load_from_memory(&shown.body).expect("a picture");
    assert_eq!(picture.dimensions(), (1_200, 1_600));
    let [red, _, blue, _] = picture.get_pixel(600, 100).0;
    assert!(red > 100 && blue < 50, "what was left is above");
    let [red, _, blue, _] = picture.get_pixel(600, 1_500).0;
    assert!(blue > 100 && red < 50, "what was right is below");
    let known = [0xe0, 0xdb, 0xc0, 0xc4];
    let markers = markers(&shown.body);
    assert!(
        markers.iter().all(|marker| known.contains(marker)),
        "{markers:x?}"
    );
    // Nothing of the file is anywhere: not in the picture, not in the database, not in the log.
    studio.server.write_uses();
    let latitude = [
        38_u32.to_le_bytes(),
        1_u32.to_le_bytes(),
        42_u32.to_le_bytes(),
    ]
    .concat();
    for name in ["cadence.db", "cadence.db-wal"] {
        let bytes = std::fs::read(studio.server.data().join(name)).expect("the database");
        for part in [CANARY, b"Exif\0", &latitude] {
            assert!(!contains(&bytes, part), "{name} holds {part:?}");
        }
    }
    let request = format!(
        "/v1/requests/{}",
        answer.header("x-request-id").expect("an id")
    );
    let kept = studio.key.get(&request).expect(200).json();
    assert_eq!(kept["bodies"], "not_kept");
    assert_eq!(
        (&kept["request"]["body"], &kept["answer"]["body"]),
        (&json!(null), &json!(null))
    );
}

/// A PNG of these chunks.
fn png(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, content) in chunks {
        let length = u32::try_from(content.len()).expect("it fits");
        file.extend_from_slice(&length.to_be_bytes());
        let named = [&name[..], content].concat();
        file.extend_from_slice(&named);
        let mut sum = flate2::Crc::new();
        sum.update(&named);
        file.extend_from_slice(&sum.sum().to_be_bytes());
    }
    file
}

fn header(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
    let mut content = [width.to_be_bytes(), height.to_be_bytes()].concat();
    content.extend_from_slice(&[depth, colour, 0, 0, 0]);
    content
}

fn zeros(bytes: usize) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
    let block = vec![0; 1 << 20];
    for _ in 0..bytes.div_ceil(block.len()) {
        packer.write_all(&block).expect("memory");
    }
    packer.finish().expect("memory")
}

#[test]
fn what_is_no_photo_is_refused_with_a_code_and_nothing_is_kept() {
    let studio = Studio::open();
    let whole = jpeg();
    let page = b"<!doctype html><script>alert(1)</script>";
    let drawing = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let end = (b"IEND", Vec::new());
    // 3.6 thousand million pixels in fewer bytes than this line.
    let huge = png(&[
        (b"IHDR", header(60_000, 60_000, 8, 2)),
        (b"IDAT", zeros(1)),
        end.clone(),
    ]);
    // 64 million pixels that are all there: 64 MB of nothing.
    let run = png(&[
        (b"IHDR", header(8_000, 8_000, 8, 0)),
        (b"IDAT", zeros(8_000 * 8_001)),
        end.clone(),
    ]);
    assert!(run.len() < 100_000, "{} bytes", run.len());
    // 49 million pixels, but of eight bytes each.
    let wide = png(&[
        (b"IHDR", header(7_000, 7_000, 16, 6)),
        (b"IDAT", zeros(1)),
        end.clone(),
    ]);
    // A line of pixels.
    let line = png(&[
        (b"IHDR", header(1_000_000, 1, 8, 0)),
        (b"IDAT", zeros(1)),
        end.clone(),
    ]);
    // A small picture whose colour profile is a bomb.
    let profile = [&b"bomb\0\0"[..], &zeros(600 << 20)].concat();
    let profile = png(&[
        (b"IHDR", header(9, 9, 8, 0)),
        (b"iCCP", profile),
        end.clone(),
    ]);
    let cut = png(&[
        (b"IHDR", header(90, 90, 8, 0)),
        (b"IDAT", zeros(1)[..20].to_vec()),
        end,
    ]);
    let files: Vec<(&str, Vec<u8>, &str)> = vec![
        ("an empty file", Vec::new(), "required"),
        ("a drawing", drawing.to_vec(), "unsupported_image"),
        (
            "a page that is called photo.jpg",
            page.to_vec(),
            "unsupported_image",
        ),
        (
            "an animation",
            b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
                .to_vec(),
            "unsupported_image",
        ),
        (
            "a page before a photo",
            [&page[..], &whole].concat(),
            "unsupported_image",
        ),
        (
            "an archive before a photo",
            [&b"PK\x03\x04"[..], &whole].concat(),
            "unsupported_image",
        ),
        (
            "an animation that is a script",
            b"GIF89a/*\xff\xd8\xff*/=1;alert(1)".to_vec(),
            "unsupported_image",
        ),
        (
            "half a photo",
            whole[..whole.len() / 2].to_vec(),
            "image_damaged",
        ),
        (
            "a photo without its end",
            whole[..whole.len() - 2].to_vec(),
            "image_damaged",
        ),
        (
            "the beginning of a photo",
            whole[..3].to_vec(),
            "image_damaged",
        ),
        ("a cut picture", cut, "image_damaged"),
        ("a huge picture", huge, "image_too_large"),
        ("a long run", run, "image_too_large"),
        ("wide pixels", wide, "image_too_large"),
        ("a line", line, "image_too_large"),
        ("a bomb beside the picture", profile, "image_damaged"),
    ];
    let before = studio.server.all_rows();

    for (what, file, code) in files {
        let refused = studio.send(&file).refused(400, "validation_failed");
        assert_eq!(
            refused.faults(),
            [("/file".to_owned(), code.to_owned())],
            "{what}"
        );
    }

    assert_eq!(studio.kept(), (0, 0));
    assert_eq!(studio.server.all_rows(), before);
}

#[test]
fn what_stands_behind_a_photo_or_in_its_comments_is_left_behind() {
    let studio = Studio::open();
    let whole = jpeg();
    let script = b"<script>alert(1)</script>";
    let both = [
        &whole[..2],
        &segment(0xfe, script),
        &whole[2..],
        script,
        b"PK\x03\x04",
    ]
    .concat();

    let photo = studio.send(&both).expect(201);

    let shown = studio.server.anyone().get(&photo.member("url")).expect(200);
    assert!(!contains(&shown.body, b"<script") && !contains(&shown.body, b"PK\x03"));
}

#[test]
fn forms_are_judged_as_bodies_are() {
    let studio = Studio::open();
    let post = |parts: &[(&str, &[u8])]| studio.key.post_form(&studio.photos, parts);
    let fault = |at: &str, code: &str| (at.to_owned(), code.to_owned());
    let whole = jpeg();

    let refused = post(&[
        ("pose", b"upside-down"),
        ("taken_on", b"today"),
        ("exif", b"keep"),
    ]);
    let mut faults = refused.refused(400, "validation_failed").faults();
    faults.sort();
    assert_eq!(
        faults,
        [
            fault("/exif", "unknown_field"),
            fault("/file", "required"),
            fault("/pose", "invalid_choice"),
            fault("/taken_on", "invalid_date"),
        ]
    );
    let twice = post(&[("file", &whole), ("file", &whole)]).refused(400, "validation_failed");
    assert_eq!(twice.faults(), [fault("/file", "duplicate_field")]);
    for pose in ["front", "side", "back", "other"] {
        let sent = post(&[("file", &whole), ("pose", pose.as_bytes())]).expect(201);
        assert_eq!(sent.member("pose"), pose);
    }
    let plain = studio.key.post(&studio.photos, &json!({ "file": "a" }));
    plain.refused(415, "unsupported_media_type");
    let no_boundary = [("Content-Type", "multipart/form-data")];
    let refused = studio
        .key
        .send("POST", &studio.photos, &no_boundary, Some("--x--"));
    assert_eq!(
        refused.refused(400, "validation_failed").faults(),
        [fault("", "malformed_form")]
    );
    let large = vec![0; files::FILE_MAX_BYTES + 1];
    for large in [large.clone(), [&large[..], &large].concat()] {
        studio.send(&large).refused(413, "body_too_large");
    }
    assert_eq!(studio.kept(), (4, 4));
}

#[test]
fn a_photo_without_a_day_is_of_the_clients_today() {
    let studio = Studio::open();

    let photo = studio.photo().json();

    // The server's noon is the next day in Auckland.
    let created = photo["created_at"].as_str().expect("a time");
    let taken = photo["taken_on"].as_str().expect("a day");
    let created = Timestamp::parse(created).expect("a time");
    let auckland = cadence::values::TimeZone::parse("Pacific/Auckland").expect("a zone");
    assert_eq!(
        taken,
        cadence::values::Date::at(created, &auckland).to_string()
    );
    assert_eq!(
        (&photo["pose"], &photo["width"]),
        (&json!("other"), &json!(48))
    );
}

#[test]
fn a_picture_is_shown_by_its_whole_address_and_never_kept_on_the_way() {
    let studio = Studio::open();
    let url = studio.photo().member("url");
    let anyone = studio.server.anyone();

    let shown = anyone.get(&url).expect(200);

    let header = |name: &str| shown.header(name).unwrap_or_default().to_owned();
    assert_eq!(header("content-type"), "image/jpeg");
    assert_eq!(header("cache-control"), "private, no-store");
    assert_eq!(
        header("content-security-policy"),
        "default-src 'none'; sandbox"
    );
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert!(header("content-disposition").starts_with("inline; filename=\"pho_"));
    assert_eq!(shown.header("etag"), None);

    let other = studio.photo().member("url");
    let (path, query) = url.split_once('?').expect("a query");
    let (_, other_query) = other.split_once('?').expect("a query");
    let exp = query
        .split_once("exp=")
        .expect("exp")
        .1
        .split('&')
        .next()
        .expect("exp");
    let later: i64 = exp.parse::<i64>().expect("seconds") + 60;
    let missing = anyone.get("/files/pho_01jzkd6v8q9xw2m4n6p8r0t2v4?exp=1&sig=t1.AAAA");
    let missing = missing.refused(404, "not_found");
    for changed in [
        path.to_owned(),
        format!("{path}?{other_query}"),
        url.replace(exp, &later.to_string()),
        url[..url.len() - 1].to_owned(),
        format!("{url}A"),
        format!("{url}&x=1"),
        url.replace("exp=", "exp=0"),
        url.replace("sig=t", "sig=l"),
    ] {
        let refused = anyone.get(&changed).refused(404, "not_found");
        assert_eq!(
            refused.json()["error"]["message"],
            missing.json()["error"]["message"]
        );
    }
    anyone
        .post(&url, &json!({}))
        .refused(405, "method_not_allowed");
}

#[test]
fn an_address_ends_after_five_minutes_and_another_is_given() {
    let studio = Studio::open();
    let photo = studio.photo();
    let (url, at) = (
        photo.member("url"),
        format!("/v1/photos/{}", photo.member("id")),
    );
    let anyone = studio.server.anyone();

    studio.server.advance_ms(5 * MINUTE_MS - 2_000);
    anyone.get(&url).expect(200);
    studio.server.advance_ms(2_000);
    anyone.get(&url).refused(404, "not_found");

    let again = studio.key.get(&at).expect(200);
    anyone.get(&again.member("url")).expect(200);
    let ends = Timestamp::parse(&again.member("url_expires_at")).expect("a time");
    let left_ms = ends.as_ms() - studio.server.app.clock.now().as_ms();
    assert!(
        (5 * MINUTE_MS - 1_000..=5 * MINUTE_MS).contains(&left_ms),
        "{left_ms}"
    );
    // The address is no part of the version.
    let known = [("If-None-Match", photo.header("etag").expect("a tag"))];
    assert_eq!(studio.key.get_with(&at, &known).status, 304);
}

#[test]
fn a_deleted_photo_is_gone_with_its_picture() {
    let studio = Studio::open();
    let photo = studio.photo();
    let (url, at) = (
        photo.member("url"),
        format!("/v1/photos/{}", photo.member("id")),
    );

    let stale = [("If-Match", "\"7\"")];
    studio
        .key
        .send("DELETE", &at, &stale, None)
        .refused(412, "etag_mismatch");
    studio.key.delete(&at).expect(204);

    studio.server.anyone().get(&url).refused(404, "not_found");
    studio.key.get(&at).refused(404, "not_found");
    studio.key.delete(&at).refused(404, "not_found");
    assert_eq!(
        studio.key.get(&studio.photos).expect(200).column("id"),
        [""; 0]
    );
    assert_eq!(studio.kept(), (0, 0));
}

#[test]
fn nobody_elses_address_or_key_leads_to_a_photo() {
    let studio = Studio::open();
    let photo = studio.photo();
    let (id, url) = (photo.member("id"), photo.member("url"));
    let other = studio
        .server
        .key(studio.server.coach("other@example.com"), &[]);
    let others_photos = format!("/v1/clients/{}/photos", add_client(&other, "b@example.com"));
    let theirs = other
        .post_form(&others_photos, &[("file", &jpeg())])
        .expect(201);

    // A signature of another tenant's photo opens nothing here.
    let (_, signed) = theirs
        .member("url")
        .split_once('?')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .expect("a query");
    studio
        .server
        .anyone()
        .get(&format!("/files/{id}?{signed}"))
        .refused(404, "not_found");
    for caller in [&other, &studio.server.live_key(studio.coach)] {
        caller
            .get(&format!("/v1/photos/{id}"))
            .refused(404, "not_found");
        caller
            .delete(&format!("/v1/photos/{id}"))
            .refused(404, "not_found");
        caller.get(&studio.photos).refused(404, "not_found");
        caller
            .post_form(&studio.photos, &[("file", &jpeg())])
            .refused(404, "not_found");
    }
    let reader = studio.server.key(studio.coach, &["checkins:read"]);
    reader.get(&format!("/v1/photos/{id}")).expect(200);
    reader
        .delete(&format!("/v1/photos/{id}"))
        .refused(403, "insufficient_scope");
    studio.server.anyone().get(&url).expect(200);
    assert_eq!(studio.kept(), (2, 2));
}

#[test]
fn the_same_bytes_under_one_key_are_one_photo() {
    let studio = Studio::open();
    let (one, other) = (jpeg(), encoded(&drawn(30, 30), ImageFormat::Png));
    let key = [("Idempotency-Key", "upload-1")];
    let send = |file: &[u8]| {
        studio
            .key
            .post_form_with(&studio.photos, &[("file", file)], &key)
    };

    let first = send(&one).expect(201);
    let again = send(&one).expect(201);

    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(first.body, again.body);
    send(&other).refused(409, "idempotency_key_reused");
    assert_eq!(studio.kept(), (1, 1));
}

#[test]
fn photos_are_listed_newest_first_by_side_and_day() {
    let studio = Studio::open();
    let file = jpeg();
    let mut ids = Vec::new();
    for (pose, day) in [
        ("front", "2026-05-01"),
        ("side", "2026-05-01"),
        ("front", "2026-05-08"),
    ] {
        let parts = [
            ("file", &file[..]),
            ("pose", pose.as_bytes()),
            ("taken_on", day.as_bytes()),
        ];
        ids.push(
            studio
                .key
                .post_form(&studio.photos, &parts)
                .expect(201)
                .member("id"),
        );
    }
    let list = |query: &str| {
        let list = studio
            .key
            .get(&format!("{}{query}", studio.photos))
            .expect(200);
        list.column("id")
    };

    assert_eq!(list(""), [&ids[2][..], &ids[1], &ids[0]]);
    assert_eq!(list("?pose=front"), [&ids[2][..], &ids[0]]);
    assert_eq!(list("?from=2026-05-02"), [&ids[2][..]]);
    assert_eq!(list("?to=2026-05-01&pose=side"), [&ids[1][..]]);
    let page = studio
        .key
        .get(&format!("{}?limit=2", studio.photos))
        .expect(200);
    let cursor = page.next_cursor().expect("more");
    assert_eq!(page.column("id"), [&ids[2][..], &ids[1]]);
    assert_eq!(list(&format!("?limit=2&cursor={cursor}")), [&ids[0][..]]);
    for url in page.column("url") {
        studio.server.anyone().get(&url).expect(200);
    }
}

#[test]
fn a_client_has_room_for_so_many_photos_and_an_archived_one_for_none() {
    let studio = Studio::open();
    let first = studio.photo().member("id");
    let tenant = studio.tenant();
    studio
        .server
        .app
        .db
        .write_blocking(move |tx| {
            for _ in 1..PHOTOS_MAX {
                let id = PhotoId::new(Timestamp::from_ms(1));
                tx.prepare_cached(
                    "INSERT INTO photos SELECT tenant_id, ?3, client_id, NULL, pose, taken_on, width,
                        height, bytes, version, created_at
                    FROM photos WHERE tenant_id = ?1 AND id = ?2",
                )?
                .execute((tenant.number(), &first, id))?;
            }
            Ok(())
        })
        .expect("rows");

    let full = studio.send(&jpeg()).refused(409, "state_conflict");
    assert_eq!(full.json()["error"]["limit"], PHOTOS_MAX);

    let other = add_client(&studio.key, "rui@example.com");
    let photos = format!("/v1/clients/{other}/photos");
    studio
        .key
        .act(&format!("/v1/clients/{other}/archive"))
        .expect(200);
    let archived = studio.key.post_form(&photos, &[("file", &jpeg())]);
    archived.refused(409, "state_conflict");
}

impl Studio {
    fn tenant(&self) -> cadence::caller::Tenant {
        let workspace = self.coach.workspace;
        let tenants = self
            .server
            .app
            .db
            .read_now(|conn| workspaces::store::tenants(conn, workspace));
        tenants.expect("a read").expect("tenants").test
    }

    /// Makes photos part of a check-in, as a check-in does; gives what was wrong.
    fn attach(&self, client: &str, photos: &[(&str, Option<Pose>)]) -> Vec<(String, &'static str)> {
        let client = ClientId::parse(client).expect("an id");
        let photos = photos
            .iter()
            .map(|(id, pose)| (PhotoId::parse(id).expect("an id"), *pose));
        let photos: Vec<_> = photos.collect();
        let checkin = CheckinId::new(Timestamp::from_ms(1));
        let tenant = self.tenant();
        let done = self.server.app.db.write_blocking(move |tx| {
            files::actions::attach(tx, tenant, client, checkin, &photos)?;
            Ok(files::store::of_checkin(tx, tenant, (client, checkin))?.len())
        });
        match done {
            Ok(attached) => {
                assert!(attached > 0);
                Vec::new()
            }
            Err(error) => {
                let faults = error.fields().iter().map(|fault| match &fault.place {
                    cadence::error::Place::Pointer(at) | cadence::error::Place::Parameter(at) => {
                        (at.clone(), fault.code)
                    }
                });
                faults.collect()
            }
        }
    }
}

#[test]
fn a_photo_becomes_part_of_one_check_in_of_its_own_client() {
    let studio = Studio::open();
    let [one, two] = [studio.photo().member("id"), studio.photo().member("id")];
    let other = add_client(&studio.key, "rui@example.com");
    let nothing = "pho_01jzkd6v8q9xw2m4n6p8r0t2v4";

    let foreign = studio.attach(&other, &[(&one, None)]);
    assert_eq!(foreign, [("/photos/0/id".to_owned(), "unknown_photo")]);
    assert_eq!(
        studio.attach(&studio.client, &[(&one, Some(Pose::Back))]),
        []
    );
    let again = studio.attach(
        &studio.client,
        &[(&two, None), (&one, None), (nothing, None)],
    );
    assert_eq!(
        again,
        [
            ("/photos/1/id".to_owned(), "photo_attached"),
            ("/photos/2/id".to_owned(), "unknown_photo")
        ]
    );

    let read = |id: &str| studio.key.get(&format!("/v1/photos/{id}")).expect(200);
    let attached = read(&one);
    assert_eq!(
        (attached.member("pose").as_str(), attached.header("etag")),
        ("back", Some("\"2\""))
    );
    assert!(attached.member("checkin_id").starts_with("chk_"));
    assert_eq!(
        read(&two).json()["checkin_id"],
        Value::Null,
        "the fault took all of it back"
    );
}

#[test]
fn a_reset_of_the_sandbox_takes_photos_along() {
    let studio = Studio::open();
    let url = studio.photo().member("url");

    studio.key.post("/v1/test/reset", &json!({})).expect(200);

    studio.server.anyone().get(&url).refused(404, "not_found");
    assert_eq!(studio.kept(), (0, 0));
}
