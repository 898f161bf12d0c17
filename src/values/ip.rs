//! Addresses of machines, one or a block of them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Invalid;

/// One IPv4 or IPv6 address, or a block in the notation of RFC 4632 and RFC 4291: `10.0.0.0/8`.
///
/// An IPv4 address inside IPv6 (`::ffff:10.0.0.1`, which a dual-stack socket reports) is the IPv4
/// address, both here and in [`contains`](Self::contains). A block of IPv6 has no IPv4 address in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AddressRange {
    /// The lowest address, never an IPv4 address inside IPv6.
    first: IpAddr,
    /// Leading bits that all addresses share: up to 32 or 128.
    prefix: u8,
}

/// Leading bits of `::ffff:0:0/96`, where IPv4 lies in IPv6.
const MAPPED_PREFIX: u8 = 96;

impl AddressRange {
    /// Reads an address or a block. A block is named by its first address: with `10.0.0.5/8` it is
    /// not clear whether one machine is meant or sixteen million.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::new("required", "This is required."));
        }
        let range = read(text).ok_or_else(|| {
            Invalid::new(
                "invalid_address",
                "Not an IP address or block of addresses.",
            )
            .fix("Use the form 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32.")
        })?;
        let block = Self {
            first: first_of(range.first, range.prefix),
            ..range
        };
        if block != range {
            let message = format!("The block of {text} begins at another address.");
            let fix = format!(
                "Use {block} for the block or {} for the one address.",
                range.first
            );
            return Err(Invalid::new("invalid_address", message).fix(fix));
        }
        Ok(block)
    }

    /// True if the address lies in the range.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.first.is_ipv4() && first_of(address, self.prefix) == self.first
    }

    /// True if every address of `other` lies in this range.
    pub fn covers(&self, other: &Self) -> bool {
        self.prefix <= other.prefix && self.contains(other.first)
    }
}

/// The address and prefix of the text, without a look at the bits behind the prefix.
fn read(text: &str) -> Option<AddressRange> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(read_prefix(prefix)?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let bits = bits_of(address);
    let prefix = prefix.unwrap_or(bits);
    if prefix > bits {
        return None;
    }
    let first = address.to_canonical();
    if first.is_ipv4() && address.is_ipv6() {
        // A block wider than all of IPv4 that is named by an IPv4 address means nothing.
        return Some(AddressRange {
            first,
            prefix: prefix.checked_sub(MAPPED_PREFIX)?,
        });
    }
    Some(AddressRange { first, prefix })
}

/// One to three digits without a leading zero.
fn read_prefix(text: &str) -> Option<u8> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

fn bits_of(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The address with the bits behind the prefix cleared.
fn first_of(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            Ipv4Addr::from_bits(address.to_bits() & mask).into()
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            Ipv6Addr::from_bits(address.to_bits() & mask).into()
        }
    }
}

/// The shortest form (RFC 5952): one address without a prefix length.
impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first.fmt(f)?;
        if self.prefix < bits_of(self.first) {
            write!(f, "/{}", self.prefix)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> AddressRange {
        AddressRange::parse(text).expect(text)
    }

    #[test]
    fn ranges_are_shown_in_their_shortest_form() {
        for (text, shown) in [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7/32", "203.0.113.7"),
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("2001:DB8:0::/32", "2001:db8::/32"),
            ("::1/128", "::1"),
            ("::/0", "::/0"),
            ("::ffff:10.0.0.1", "10.0.0.1"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ] {
            assert_eq!(range(text).to_string(), shown);
            assert_eq!(range(shown), range(text));
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "10.0.0",
            "10.0.0.256",
            "010.0.0.1",
            "10.0.0.0/33",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "10.0.0.0/08",
            "10.0.0.0/8/8",
            "10.0.0.0/255.0.0.0",
            "::/129",
            "::ffff:0.0.0.0/90",
            "fe80::1%eth0",
            "[::1]",
            "example.com",
            " 10.0.0.1",
        ] {
            let code = AddressRange::parse(text).map_err(|invalid| invalid.code);
            assert_eq!(code, Err("invalid_address"), "{text:?}");
        }
    }

    #[test]
    fn a_block_that_is_not_named_by_its_first_address_is_refused_with_both_readings() {
        let invalid = AddressRange::parse("10.0.0.5/8").unwrap_err();

        let fix = "Use 10.0.0.0/8 for the block or 10.0.0.5 for the one address.";
        assert_eq!(invalid.fix.as_deref(), Some(fix));
        assert!(AddressRange::parse("2001:db8::1/32").is_err());
    }

    #[test]
    fn addresses_lie_in_their_block_and_in_no_other() {
        for (block, inside, address) in [
            ("203.0.113.0/24", true, "203.0.113.255"),
            ("203.0.113.0/24", false, "203.0.114.0"),
            ("203.0.113.0/24", true, "::ffff:203.0.113.9"),
            ("203.0.113.7", true, "203.0.113.7"),
            ("203.0.113.7", false, "203.0.113.6"),
            ("0.0.0.0/0", true, "255.255.255.255"),
            ("0.0.0.0/0", false, "::1"),
            ("::/0", true, "2001:db8::1"),
            ("::/0", false, "10.0.0.1"),
            ("::/0", false, "::ffff:10.0.0.1"),
            ("2001:db8::/32", true, "2001:db8:ffff::1"),
            ("2001:db8::/32", false, "2001:db9::1"),
        ] {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(
                range(block).contains(address),
                inside,
                "{address} in {block}"
            );
        }
    }

    #[test]
    fn a_range_covers_itself_and_narrower_ones() {
        assert!(range("10.0.0.0/8").covers(&range("10.0.0.0/8")));
        assert!(range("10.0.0.0/8").covers(&range("10.1.0.0/16")));
        assert!(range("10.0.0.0/8").covers(&range("10.1.2.3")));
        assert!(!range("10.0.0.0/8").covers(&range("0.0.0.0/0")));
        assert!(!range("10.0.0.0/8").covers(&range("11.0.0.0/16")));
        assert!(!range("::/0").covers(&range("10.0.0.1")));
    }
}
