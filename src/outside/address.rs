//! Which addresses are public, and what the others are.
//!
//! An IPv4 address that is carried inside an IPv6 one counts as what it is inside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of place an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Anywhere on the internet.
    Public,
    /// This machine.
    Loopback,
    /// A service that hands out a machine's credentials; nobody may ask it.
    Metadata,
    /// A network of somebody's own, or an address that means no machine; said in words.
    Reserved(&'static str),
}

/// The blocks of IPv4 that are not public: first address, prefix, what it is.
const BLOCKS_V4: &[(Ipv4Addr, u32, &str)] = &[
    (Ipv4Addr::UNSPECIFIED, 8, "this network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "a private network"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "a carrier's network"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "a private network"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "reserved"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "for documentation"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "reserved"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "a private network"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "for benchmarks"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "for documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "for documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
];

/// The blocks of IPv6 that are not public.
const BLOCKS_V6: &[(Ipv6Addr, u32, &str)] = &[
    // The rest of `::/96`, which once carried IPv4; `::` and `::1` are in it.
    (Ipv6Addr::UNSPECIFIED, 96, "reserved"),
    (
        Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0),
        48,
        "a translated private network",
    ),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, "discarded"),
    // Teredo and 6to4 carry IPv4 in ways that nobody uses any more.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "reserved"),
    (
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0),
        32,
        "for documentation",
    ),
    (
        Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0),
        16,
        "a tunnel of IPv4",
    ),
    (
        Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0),
        20,
        "for documentation",
    ),
    (Ipv6Addr::new(0x5f00, 0, 0, 0, 0, 0, 0, 0), 16, "reserved"),
    (
        Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0),
        7,
        "a private network",
    ),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "link-local"),
    (
        Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0),
        10,
        "a private network",
    ),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast"),
];

/// Where clouds hand out credentials. The third is Azure's, which lies in a public block.
const METADATA: &[IpAddr] = &[
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
];

/// What kind of place an address is.
pub fn place_of(address: IpAddr) -> Place {
    let address = address.to_canonical();
    if METADATA.contains(&address) {
        return Place::Metadata;
    }
    if address.is_loopback() {
        return Place::Loopback;
    }
    match address {
        IpAddr::V4(address) => place_of_v4(address),
        IpAddr::V6(address) => place_of_v6(address),
    }
}

fn place_of_v4(address: Ipv4Addr) -> Place {
    let inside = |first: &Ipv4Addr, prefix: u32| {
        (address.to_bits() ^ first.to_bits()).leading_zeros() >= prefix
    };
    let block = BLOCKS_V4
        .iter()
        .find(|(first, prefix, _)| inside(first, *prefix));
    block.map_or(Place::Public, |(_, _, words)| Place::Reserved(words))
}

fn place_of_v6(address: Ipv6Addr) -> Place {
    let inside = |first: &Ipv6Addr, prefix: u32| {
        (address.to_bits() ^ first.to_bits()).leading_zeros() >= prefix
    };
    let block = BLOCKS_V6
        .iter()
        .find(|(first, prefix, _)| inside(first, *prefix));
    if let Some((_, _, words)) = block {
        return Place::Reserved(words);
    }
    match carried(address) {
        Some(inner) => match place_of(IpAddr::V4(inner)) {
            Place::Loopback => Place::Reserved("this machine, by way of a translation"),
            other @ (Place::Public | Place::Metadata | Place::Reserved(_)) => other,
        },
        None => Place::Public,
    }
}

/// The IPv4 address that a translated (`64:ff9b::/96`) or an ISATAP address carries.
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let translated = segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
    let isatap = matches!(segments[4], 0 | 0x200) && segments[5] == 0x5efe;
    let [.., a, b, c, d] = address.octets();
    (translated || isatap).then(|| Ipv4Addr::new(a, b, c, d))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Place {
        place_of(text.parse().expect(text))
    }

    #[test]
    fn what_is_on_the_internet_is_public() {
        for text in [
            "1.1.1.1",
            "93.184.216.34",
            "172.32.0.1",
            "192.167.255.255",
            "100.128.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450:4001::1",
            "64:ff9b::1.1.1.1",
            "2a00::5efe:1.1.1.1",
            "::ffff:1.1.1.1",
        ] {
            assert_eq!(place(text), Place::Public, "{text}");
        }
    }

    #[test]
    fn what_is_not_is_refused_in_every_form_of_it() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "169.254.1.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::8.8.8.8",
            "::127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2002:7f00:1::",
            "2001:db8::1",
            "2a00::5efe:10.0.0.1",
            "2a00::200:5efe:127.0.0.1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "febf::1",
            "ff02::1",
        ] {
            assert!(matches!(place(text), Place::Reserved(_)), "{text}");
        }
        for text in ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(place(text), Place::Loopback, "{text}");
        }
        for text in [
            "169.254.169.254",
            "168.63.129.16",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "64:ff9b::169.254.169.254",
        ] {
            assert_eq!(place(text), Place::Metadata, "{text}");
        }
    }
}
