//! Currencies and amounts.

use std::fmt;

use super::Invalid;

/// Active codes of ISO 4217 that people pay with, sorted, each with its number of decimals.
///
/// Funds, units of account, metals and the codes for tests are left out.
#[rustfmt::skip]
const CURRENCIES: &[(&str, u8)] = &[
    ("aed", 2), ("afn", 2), ("all", 2), ("amd", 2), ("aoa", 2), ("ars", 2), ("aud", 2), ("awg", 2),
    ("azn", 2), ("bam", 2), ("bbd", 2), ("bdt", 2), ("bhd", 3), ("bif", 0), ("bmd", 2), ("bnd", 2),
    ("bob", 2), ("brl", 2), ("bsd", 2), ("btn", 2), ("bwp", 2), ("byn", 2), ("bzd", 2), ("cad", 2),
    ("cdf", 2), ("chf", 2), ("clp", 0), ("cny", 2), ("cop", 2), ("crc", 2), ("cup", 2), ("cve", 2),
    ("czk", 2), ("djf", 0), ("dkk", 2), ("dop", 2), ("dzd", 2), ("egp", 2), ("ern", 2), ("etb", 2),
    ("eur", 2), ("fjd", 2), ("fkp", 2), ("gbp", 2), ("gel", 2), ("ghs", 2), ("gip", 2), ("gmd", 2),
    ("gnf", 0), ("gtq", 2), ("gyd", 2), ("hkd", 2), ("hnl", 2), ("htg", 2), ("huf", 2), ("idr", 2),
    ("ils", 2), ("inr", 2), ("iqd", 3), ("irr", 2), ("isk", 0), ("jmd", 2), ("jod", 3), ("jpy", 0),
    ("kes", 2), ("kgs", 2), ("khr", 2), ("kmf", 0), ("kpw", 2), ("krw", 0), ("kwd", 3), ("kyd", 2),
    ("kzt", 2), ("lak", 2), ("lbp", 2), ("lkr", 2), ("lrd", 2), ("lsl", 2), ("lyd", 3), ("mad", 2),
    ("mdl", 2), ("mga", 2), ("mkd", 2), ("mmk", 2), ("mnt", 2), ("mop", 2), ("mru", 2), ("mur", 2),
    ("mvr", 2), ("mwk", 2), ("mxn", 2), ("myr", 2), ("mzn", 2), ("nad", 2), ("ngn", 2), ("nio", 2),
    ("nok", 2), ("npr", 2), ("nzd", 2), ("omr", 3), ("pab", 2), ("pen", 2), ("pgk", 2), ("php", 2),
    ("pkr", 2), ("pln", 2), ("pyg", 0), ("qar", 2), ("ron", 2), ("rsd", 2), ("rub", 2), ("rwf", 0),
    ("sar", 2), ("sbd", 2), ("scr", 2), ("sdg", 2), ("sek", 2), ("sgd", 2), ("shp", 2), ("sle", 2),
    ("sos", 2), ("srd", 2), ("ssp", 2), ("stn", 2), ("svc", 2), ("syp", 2), ("szl", 2), ("thb", 2),
    ("tjs", 2), ("tmt", 2), ("tnd", 3), ("top", 2), ("try", 2), ("ttd", 2), ("twd", 2), ("tzs", 2),
    ("uah", 2), ("ugx", 0), ("usd", 2), ("uyu", 2), ("uzs", 2), ("ved", 2), ("ves", 2), ("vnd", 0),
    ("vuv", 0), ("wst", 2), ("xaf", 0), ("xcd", 2), ("xcg", 2), ("xof", 0), ("xpf", 0), ("yer", 2),
    ("zar", 2), ("zmw", 2), ("zwg", 2),
];

/// A currency of ISO 4217: read in any case, written in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency {
    code: &'static str,
    decimals: u8,
}

impl Currency {
    /// Reads a three-letter code.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::new("required", "This is required."));
        }
        find(text).ok_or_else(|| {
            Invalid::new("invalid_currency", "Not a currency of ISO 4217.")
                .fix("Use a three-letter code such as usd or eur.")
        })
    }

    /// The code in lower case.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// Digits behind the decimal point: 2 for the dollar, whose minor unit is the cent; 0 for the yen.
    pub fn decimals(self) -> u8 {
        self.decimals
    }
}

fn find(text: &str) -> Option<Currency> {
    let mut code: [u8; 3] = text.as_bytes().try_into().ok()?;
    code.make_ascii_lowercase();
    let place = CURRENCIES
        .binary_search_by(|(known, _)| known.as_bytes().cmp(&code))
        .ok()?;
    let (code, decimals) = CURRENCIES[place];
    Some(Currency { code, decimals })
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

/// An amount in the minor unit of its currency: 1250 of `usd` are 12.50 dollars.
///
/// Whether it may be negative or nought is for whoever takes it to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// The amount in minor units.
    pub minor: i64,
    /// The currency, which says what a minor unit is.
    pub currency: Currency,
}

impl Money {
    /// An amount in minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }
}

/// For people: `12.50 USD`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "-" } else { "" };
        let amount = self.minor.unsigned_abs();
        let decimals = self.currency.decimals;
        let unit = 10_u64.pow(decimals.into());
        write!(f, "{sign}{}", amount / unit)?;
        if decimals > 0 {
            write!(f, ".{:0width$}", amount % unit, width = decimals.into())?;
        }
        write!(f, " {}", self.currency.code.to_ascii_uppercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_in_lower_case() {
        assert!(CURRENCIES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (code, decimals) in CURRENCIES {
            assert!(
                code.len() == 3 && code.bytes().all(|b| b.is_ascii_lowercase()),
                "{code}"
            );
            assert!(*decimals <= 3);
        }
    }

    #[test]
    fn codes_are_read_in_any_case_and_written_in_lower_case() {
        for text in ["usd", "USD", "Usd"] {
            assert_eq!(Currency::parse(text).map(Currency::code), Ok("usd"));
        }
        assert_eq!(Currency::parse("JPY").map(Currency::decimals), Ok(0));
        assert_eq!(Currency::parse("kwd").map(Currency::decimals), Ok(3));
    }

    #[test]
    fn other_codes_are_refused() {
        for text in ["us", "usdd", "dem", "xxx", "xau", "€", " usd"] {
            let code = Currency::parse(text).map_err(|invalid| invalid.code);
            assert_eq!(code, Err("invalid_currency"), "{text:?}");
        }
    }

    #[test]
    fn amounts_are_shown_with_the_decimals_of_their_currency() {
        let show = |minor, code| Money::new(minor, Currency::parse(code).unwrap()).to_string();

        assert_eq!(show(1_250, "usd"), "12.50 USD");
        assert_eq!(show(-5, "eur"), "-0.05 EUR");
        assert_eq!(show(1_250, "jpy"), "1250 JPY");
        assert_eq!(show(1_250, "bhd"), "1.250 BHD");
        assert_eq!(show(i64::MIN, "usd"), "-92233720368547758.08 USD");
    }
}
