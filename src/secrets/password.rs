//! Passwords: what may be one, and how they are hashed.
//!
//! A password has 15 to 256 characters of any kind and follows no rules of composition; what is
//! refused is what guessers try first. Characters count as they were sent: nothing is trimmed,
//! cut off or normalised.
//!
//! Hashes are argon2id in PHC strings, which name their own cost, so that the cost can be raised and
//! old hashes follow at the next log-in. Hashing is slow and takes memory on purpose; the [`Hasher`]
//! sees to it that a flood of log-ins takes neither all cores nor all memory.

use std::num::NonZero;
use std::sync::Arc;

use super::{Secret, random};
use crate::bounded::Bounded;
use crate::error::{Error, Result};
use crate::values::{Email, Invalid};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

/// Fewest characters (NIST SP 800-63B-4: 15 where the password is the only factor).
pub const MIN_CHARACTERS: usize = 15;
/// Most characters.
pub const MAX_CHARACTERS: usize = 256;

/// Characters that must remain when the words that a guesser knows are taken out.
const MIN_OWN_CHARACTERS: usize = 8;
/// Shorter words are in every text.
const MIN_WORD_CHARACTERS: usize = 4;
/// A repeated part of up to this many characters makes no password.
const MAX_REPEATED: usize = 4;

/// Common passwords that are long enough, as letters and digits in lower case.
#[rustfmt::skip]
const COMMON: &[&str] = &[
    "passwordpassword", "password123password", "password12345678", "password123456789",
    "password1234567890", "passwort12345678", "mypasswordispassword", "thisismypassword",
    "thisisapassword", "thisismypassword1", "thisisasecurepassword", "thisisaverylongpassword",
    "averylongpassword", "changemechangeme", "changemeplease123", "letmeinletmeinplease",
    "letmeinpleaseletmein", "administrator123", "administratoradministrator", "adminadminadmin",
    "correcthorsebatterystaple", "iloveyouiloveyou", "iloveyousomuch123", "iloveyouforever",
    "1q2w3e4r5t6y7u8i", "1q2w3e4r5t6y7u8i9o", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8",
    "1qaz2wsx3edc4rfv", "1qaz2wsx3edc4rfv5tgb", "qazwsxedcrfvtgb", "qazwsxedcrfvtgbyhnujm",
    "zaq12wsxcde34rfv", "qwerty1234567890", "qwertyqwertyqwerty", "1234567890qwerty",
    "1234567890qwertyuiop", "qwertyuiop1234567890", "qwertyuiop123456", "asdfghjklasdfghjkl",
    "abcdefgh12345678", "abcdefghij1234567890", "abc123abc123abc123", "a1b2c3d4e5f6g7h8",
    "trustno1trustno1", "welcomewelcome123", "monkeymonkeymonkey", "dragondragondragon",
    "footballfootball", "baseballbaseball", "sunshinesunshine", "princessprincess",
    "supercalifragilisticexpialidocious", "maytheforcebewithyou", "toinfinityandbeyond",
    "todayisagoodday", "nopainnogainnopain", "personaltrainer123", "fitnessfitness123",
];

/// The commonest passwords and what they are made of, likewise: too short alone, and no better two, three
/// or four in a row. With digits between them that is some billions of long passwords, tried first.
#[rustfmt::skip]
const PARTS: &[&str] = &[
    "password", "passwort", "passw0rd", "motdepasse", "contrasena", "senha", "password1",
    "password12", "password123", "passwords", "pass", "pass1234", "passcode", "qwerty", "qwertz",
    "azerty", "qwerty1", "qwerty12", "qwerty123", "qwertyuiop", "qazwsx", "1qaz2wsx", "zaq12wsx",
    "1q2w3e", "1q2w3e4r", "1q2w3e4r5t", "q1w2e3r4", "asdf", "asdfgh", "asdfghjkl", "zxcvbn",
    "zxcvbnm", "abc123", "abcd1234", "a1b2c3", "abcdef", "aa123456", "123abc", "123qwe", "12qwaszx",
    "letmein", "welcome", "welcome1", "login", "admin", "administrator", "root", "toor", "guest",
    "user", "test", "test123", "testing", "changeme", "change", "default", "secret", "private",
    "access", "master", "server", "computer", "internet", "system", "network", "windows", "google",
    "facebook", "apple", "samsung", "nokia", "yahoo", "hotmail", "gmail", "linkedin", "dropbox",
    "adobe", "oracle", "cisco", "ubuntu", "linux", "iloveyou", "ilove", "loveme", "lovely", "love",
    "lover", "babygirl", "baby", "angel", "angels", "princess", "prince", "queen", "king",
    "sweetheart", "honey", "darling", "sweet", "kiss", "kisses", "hello", "hello123", "goodbye",
    "forever", "always", "together", "friend", "friends", "family", "mother", "father", "mommy",
    "daddy", "sister", "brother", "jesus", "jesus1", "heaven", "blessed", "faith", "hope", "grace",
    "monkey", "dragon", "tiger", "lion", "panther", "eagle", "falcon", "phoenix", "wolf", "bear",
    "dolphin", "horse", "kitty", "kitten", "puppy", "doggy", "bunny", "spider", "snake", "shadow",
    "ghost", "killer", "hunter", "ranger", "warrior", "soldier", "ninja", "samurai", "pirate",
    "wizard", "merlin", "gandalf", "frodo", "legolas", "superman", "batman", "spiderman", "ironman",
    "avengers", "starwars", "skywalker", "yoda", "matrix", "trinity", "pokemon", "pikachu",
    "naruto", "goku", "zelda", "mario", "sonic", "minecraft", "fortnite", "roblox", "football",
    "baseball", "basketball", "soccer", "hockey", "tennis", "golf", "rugby", "cricket", "boxing",
    "skate", "surfer", "racing", "running", "runner", "swimming", "cycling", "yoga", "yogagirl",
    "pilates", "crossfit", "fitness", "fitness1", "gymlife", "workout", "training", "trainer",
    "coach", "coaching", "strong", "strength", "muscle", "power", "powerlifting", "deadlift",
    "squat", "bench", "barbell", "health", "healthy", "liverpool", "chelsea", "arsenal",
    "barcelona", "realmadrid", "juventus", "manchester", "united", "yankees", "cowboys", "lakers",
    "steelers", "eagles", "packers", "michael", "michelle", "jennifer", "jessica", "ashley",
    "amanda", "nicole", "daniel", "thomas", "robert", "william", "joseph", "matthew", "anthony",
    "andrew", "joshua", "jordan", "justin", "brandon", "christopher", "charlie", "george", "harley",
    "maggie", "buster", "pepper", "ginger", "cookie", "chocolate", "cheese", "banana", "orange",
    "apple1", "cherry", "strawberry", "butterfly", "flower", "flowers", "rose", "daisy", "lily",
    "sunflower", "sunshine", "rainbow", "summer", "winter", "autumn", "spring", "january",
    "february", "march", "april", "june", "july", "august", "september", "october", "november",
    "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "london", "paris", "berlin", "newyork", "america", "england", "france", "germany", "brasil",
    "mexico", "canada", "australia", "ferrari", "porsche", "mercedes", "mustang", "corvette",
    "camaro", "yamaha", "honda", "toyota", "jaguar", "freedom", "peace", "happy", "lucky", "money",
    "dollar", "diamond", "silver", "golden", "gold", "star", "stars", "moon", "galaxy", "ocean",
    "river", "mountain", "thunder", "lightning", "storm", "fire", "hammer", "guitar", "music",
    "metallica", "slipknot", "nirvana", "blink182", "eminem", "trustno1", "whatever", "nothing",
    "anything", "something", "superstar", "rockstar", "fuckyou", "fuckoff", "asshole", "bitch",
    "pussy", "sexy", "hottie", "naughty", "playboy", "mine", "myself", "mypassword", "thisismy",
    "yourpassword", "cadence",
];
/// So many parts in a row are guessed first.
const PARTS_MAX: usize = 4;
/// A number of up to so many digits is a part, whichever it is.
const MAX_DIGITS: usize = 4;

/// Rows that fingers run along, as they are and backwards.
const RUNS: &[&str] = &[
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "012345678901234567890123456789012345678901234567890",
    "1234567890123456789012345678901234567890qwertyuiop",
    "qwertyuiopasdfghjklzxcvbnmqwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
];

/// Decides whether a text may be the password of the account with this address.
pub fn check(password: &Secret, email: Option<&Email>) -> Result<(), Invalid> {
    let password = password.reveal();
    let count = password.chars().count();
    if count < MIN_CHARACTERS {
        let message = format!("The password has fewer than {MIN_CHARACTERS} characters.");
        return Err(Invalid::new("password_too_short", message)
            .fix("Use a sentence of a few words, or let a password manager choose."));
    }
    if count > MAX_CHARACTERS {
        let message = format!("The password has more than {MAX_CHARACTERS} characters.");
        return Err(Invalid::new("password_too_long", message));
    }
    if is_guessed_first(password, email) {
        return Err(Invalid::new(
            "password_too_common",
            "The password is among the first guesses.",
        )
        .fix("Use a few words that do not belong together and do not name you or this service."));
    }
    Ok(())
}

fn is_guessed_first(password: &str, email: Option<&Email>) -> bool {
    let lower = password.to_lowercase();
    let plain: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    COMMON.contains(&plain.as_str())
        || is_run(&plain)
        || is_repetition(&lower)
        || is_made_of_parts(&lower)
        || is_context(&lower, email)
}

/// What a letter is often written as.
fn is_written(letter: u8, as_this: char) -> bool {
    let looks_like = match as_this {
        '@' | '4' => 'a',
        '3' => 'e',
        '1' => 'i',
        '0' => 'o',
        '$' | '5' => 's',
        '7' => 't',
        other => other,
    };
    let letter = char::from(letter);
    letter == as_this || letter == looks_like
}

/// True if the text is a few of the commonest passwords and short numbers in a row, also with digits
/// and signs for letters.
fn is_made_of_parts(lower: &str) -> bool {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, '@' | '$');
    let text: Vec<char> = lower.chars().filter(kept).collect();
    // The fewest parts that the text up to a place is made of: the last of them a word, or a number,
    // which no other number follows.
    let mut words = vec![usize::MAX; text.len() + 1];
    let mut numbers = words.clone();
    words[0] = 0;
    for at in 0..text.len() {
        let rest = &text[at..];
        let parts = words[at].min(numbers[at]).saturating_add(1);
        for part in PARTS.iter().filter(|part| begins_with(rest, part)) {
            let end = &mut words[at + part.len()];
            *end = parts.min(*end);
        }
        let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
        for length in 1..=digits.min(RUNS[0].len()) {
            let number: String = rest[..length].iter().collect();
            if length <= MAX_DIGITS || is_repetition(&number) || lies_in_a_row(&number) {
                let end = &mut numbers[at + length];
                *end = words[at].saturating_add(1).min(*end);
            }
        }
    }
    let all = text.len();
    all > 0 && words[all].min(numbers[all]) <= PARTS_MAX
}

/// Whether a text begins with a part, in whatever it is written.
fn begins_with(text: &[char], part: &str) -> bool {
    let mut letters = part.bytes().zip(text);
    part.len() <= text.len() && letters.all(|(letter, as_this)| is_written(letter, *as_this))
}

/// True if all letters and digits lie side by side; a few among other characters prove nothing.
fn is_run(plain: &str) -> bool {
    plain.len() >= MIN_OWN_CHARACTERS && lies_in_a_row(plain)
}

fn lies_in_a_row(plain: &str) -> bool {
    let backwards: String = plain.chars().rev().collect();
    RUNS.iter()
        .any(|run| run.contains(plain) || run.contains(&backwards))
}

/// True if the text is one character, or a part of a few characters, over and over.
fn is_repetition(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    (1..=MAX_REPEATED).any(|period| {
        characters.len() > period
            && characters[period..]
                .iter()
                .eq(&characters[..characters.len() - period])
    })
}

/// True if little remains but the name of the service and the words of the mail address.
fn is_context(lower: &str, email: Option<&Email>) -> bool {
    let key = email.map(Email::key).unwrap_or_default();
    let mut words: Vec<&str> = key
        .split(|c: char| !c.is_alphanumeric())
        .chain(key.split('@'))
        .chain(["cadence"])
        .filter(|word| word.chars().count() >= MIN_WORD_CHARACTERS)
        .collect();
    // The longest first: `jane.doe` has to go before `jane`.
    words.sort_unstable_by_key(|word| std::cmp::Reverse(word.len()));
    let rest = words
        .iter()
        .fold(lower.to_owned(), |rest, word| rest.replace(word, ""));
    rest.chars().count() < MIN_OWN_CHARACTERS
}

/// What a hash costs, in the terms of argon2id (RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes that could be computed side by side.
    pub lanes: u32,
}

impl Default for Cost {
    /// The least that OWASP recommends: 19 MiB, two passes, one lane.
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            passes: 2,
            lanes: 1,
        }
    }
}

impl Cost {
    /// Next to nothing, for tests.
    pub const fn cheap() -> Self {
        Self {
            memory_kib: 8,
            passes: 1,
            lanes: 1,
        }
    }

    fn argon2(self) -> Result<Argon2<'static>> {
        let params =
            Params::new(self.memory_kib, self.passes, self.lanes, None).map_err(Error::internal)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

/// Hashes a password with a fresh salt. Slow: on a server, use a [`Hasher`].
pub fn hash(password: &Secret, cost: Cost) -> Result<String> {
    let salt = random::bytes::<16>()?;
    let hash = cost
        .argon2()?
        .hash_password_with_salt(password.reveal().as_bytes(), &salt)
        .map_err(Error::internal)?;
    Ok(hash.to_string())
}

/// Makes a key of a passphrase, at the default cost. Slow, as above.
pub fn stretch(passphrase: &Secret, salt: &[u8; 16], key: &mut [u8; 32]) -> Result<()> {
    Cost::default()
        .argon2()?
        .hash_password_into(passphrase.reveal().as_bytes(), salt, key)
        .map_err(Error::internal)
}

/// True if the hash is that of the password, at the cost that the hash names. Slow, as above.
pub fn verify(password: &Secret, phc: &str) -> Result<bool> {
    let hash = PasswordHash::new(phc).map_err(Error::internal)?;
    // The cost of this instance is not used: the hash brings its own.
    let outcome = Argon2::default().verify_password(password.reveal().as_bytes(), &hash);
    match outcome {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(Error::internal(error)),
    }
}

/// True if a hash is cheaper than it should be now, or not of this kind at all.
pub fn needs_rehash(phc: &str, cost: Cost) -> bool {
    let Ok(hash) = PasswordHash::new(phc) else {
        return true;
    };
    let Ok(params) = Params::try_from(&hash) else {
        return true;
    };
    hash.algorithm != Algorithm::Argon2id.ident()
        || hash.version != Some(Version::V0x13.into())
        || params.m_cost() < cost.memory_kib
        || params.t_cost() < cost.passes
        || params.p_cost() < cost.lanes
}

/// Hashes passwords beside the server's work: as many at once as there are cores, a few more
/// waiting, and beyond that [`Overloaded`](crate::error::Code::Overloaded).
pub struct Hasher {
    cost: Cost,
    bounded: Bounded,
    /// The hash of a password that nobody knows.
    nobody: Arc<str>,
}

impl Hasher {
    /// How many may wait.
    const MAX_WAITING: usize = 32;

    /// A hasher for this machine. It hashes once, to have something to verify for unknown accounts.
    pub fn new(cost: Cost) -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let unknown = Secret::new(format!("{:x?}", random::bytes::<32>()?));
        Ok(Self {
            cost,
            bounded: Bounded::new(cores, Self::MAX_WAITING),
            nobody: hash(&unknown, cost)?.into(),
        })
    }

    /// Hashes a password.
    pub async fn hash(&self, password: Secret) -> Result<String> {
        let cost = self.cost;
        self.bounded.run(move || hash(&password, cost)).await
    }

    /// Hashes a password on this thread, for the command line.
    pub fn hash_blocking(&self, password: &Secret) -> Result<String> {
        hash(password, self.cost)
    }

    /// True if the hash is that of the password.
    ///
    /// Without a hash, for an account that does not exist, the answer is no and takes as long as any
    /// other: the time does not tell who has an account.
    pub async fn verify(&self, password: Secret, phc: Option<&str>) -> Result<bool> {
        // An account that was made without a password has no hash: nobody's is compared.
        let phc = phc.filter(|phc| PasswordHash::new(phc).is_ok());
        let known = phc.is_some();
        let phc = phc.map_or_else(|| Arc::clone(&self.nobody), Arc::from);
        self.bounded
            .run(move || Ok(verify(&password, &phc)? && known))
            .await
    }

    /// True if a hash that was just verified should be made anew.
    pub fn needs_rehash(&self, phc: &str) -> bool {
        needs_rehash(phc, self.cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    fn code(text: &str) -> Result<(), &'static str> {
        let email = Email::parse("jane.doerty@example.com").unwrap();
        check(&secret(text), Some(&email)).map_err(|invalid| invalid.code)
    }

    #[test]
    fn passwords_have_15_to_256_characters_of_any_kind() {
        for text in [
            "olive tractor 9",
            "               olive               ",
            "ein grüner Traktor fährt",
            "緑色のトラクターがゆっくりと走る",
            "🚜🫒🌊🔥🧭🎷🧊🪁🦉🍇🥁🛶🧵🪐🦔",
        ] {
            assert_eq!(code(text), Ok(()), "{text}");
        }
        assert_eq!(code("olive tractor "), Err("password_too_short"));
        assert_eq!(
            code("🚜🫒🌊🔥🧭🎷🧊🪁🦉🍇🥁🛶🧵🪐"),
            Err("password_too_short")
        );
        let longest: String = ('\u{4e00}'..).take(256).collect();
        assert_eq!(code(&longest), Ok(()));
        assert_eq!(code(&format!("{longest}x")), Err("password_too_long"));
    }

    #[test]
    fn what_guessers_try_first_is_refused() {
        for text in [
            "aaaaaaaaaaaaaaa",
            "               ",
            "abababababababababab",
            "123412341234123",
            "password password",
            "Correct-Horse-Battery-Staple!",
            "123456789012345",
            "987654321098765",
            "abcdefghijklmno",
            "Qwertyuiop[asdfghjkl",
            "cadencecadencecadence",
            "Cadence2026!Cadence",
            "jane.doerty2026",
            "doertyCadence123",
            "jane.doerty@example.com",
            "dragon-monkey-shadow",
            "Superman2019Batman!",
            "P@$$w0rd 4dm1n 2024",
            "iloveyou1234567890",
            "fitnessC0ach123456",
        ] {
            assert_eq!(code(text), Err("password_too_common"), "{text}");
        }
        for text in [
            "cadence of an olive tractor",
            "dragon tractor olive",
            "monkey 48151623 shadow",
        ] {
            assert_eq!(code(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn more_than_three_thousand_common_passwords_are_refused_whole() {
        let pairs = PARTS[..80]
            .iter()
            .flat_map(|first| PARTS.iter().map(move |second| format!("{first}{second}")));
        let long = pairs.filter(|pair| pair.len() >= MIN_CHARACTERS);
        let refused = long.inspect(|pair| assert_eq!(code(pair), Err("password_too_common")));
        assert!(refused.count() > 3_000);
    }

    #[test]
    fn the_list_of_common_passwords_is_written_as_it_is_compared() {
        for text in COMMON {
            assert!(text.len() >= MIN_CHARACTERS, "{text}");
        }
        for text in COMMON.iter().chain(PARTS) {
            assert!(text.len() >= MIN_WORD_CHARACTERS, "{text}");
            assert!(
                text.bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_hash_verifies_its_password_and_no_other() {
        let phc = hash(&secret("olive tractor 9"), Cost::cheap()).unwrap();

        assert!(phc.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{phc}");
        assert!(verify(&secret("olive tractor 9"), &phc).unwrap());
        assert!(!verify(&secret("olive tractor 8"), &phc).unwrap());
        assert!(!verify(&secret("olive tractor 9 "), &phc).unwrap());
        assert_ne!(
            phc,
            hash(&secret("olive tractor 9"), Cost::cheap()).unwrap()
        );
        assert!(verify(&secret("olive tractor 9"), "no hash").is_err());
    }

    #[test]
    fn the_default_cost_is_what_the_standard_asks_for() {
        let phc = hash(&secret("olive tractor 9"), Cost::default()).unwrap();

        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
    }

    #[test]
    fn hashes_are_made_anew_when_the_cost_has_risen() {
        let phc = hash(&secret("olive tractor 9"), Cost::cheap()).unwrap();

        assert!(!needs_rehash(&phc, Cost::cheap()));
        assert!(needs_rehash(
            &phc,
            Cost {
                passes: 2,
                ..Cost::cheap()
            }
        ));
        assert!(needs_rehash(&phc, Cost::default()));
        assert!(needs_rehash(
            &phc.replace("argon2id", "argon2i"),
            Cost::cheap()
        ));
        assert!(needs_rehash("no hash", Cost::cheap()));
    }

    #[tokio::test]
    async fn an_account_that_does_not_exist_has_no_right_password() {
        let hasher = Hasher::new(Cost::cheap()).unwrap();
        let phc = hasher.hash(secret("olive tractor 9")).await.unwrap();

        assert!(
            hasher
                .verify(secret("olive tractor 9"), Some(&phc))
                .await
                .unwrap()
        );
        assert!(
            !hasher
                .verify(secret("olive tractor 8"), Some(&phc))
                .await
                .unwrap()
        );
        assert!(
            !hasher
                .verify(secret("olive tractor 9"), None)
                .await
                .unwrap()
        );
        assert!(!hasher.needs_rehash(&hasher.nobody));
    }
}
