//! Which column is which field: names of columns in several languages and in the spellings of
//! other programs' exports.

/// A field that a column can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The whole name.
    Name,
    /// The given name; joined with the family name.
    FirstName,
    /// The family name.
    LastName,
    /// The address.
    Email,
    /// The telephone number.
    Phone,
    /// The time zone.
    Timezone,
    /// `metric` or `imperial`.
    Units,
    /// What the client wants.
    Goal,
    /// How experienced the client is.
    Experience,
    /// Training days a week.
    DaysPerWeek,
    /// Minutes a session.
    SessionMinutes,
    /// What there is to train with.
    Equipment,
    /// What has to be gone easy on.
    Limitations,
    /// Words to find the client by.
    Tags,
    /// The weekday of the check-in.
    CheckInDay,
    /// The coach's own notes.
    CoachNotes,
    /// The id in another system.
    ExternalId,
}

/// Each field's name on the wire and the names of columns that are taken for it, folded.
const NAMES: &[(Field, &str, &[&str])] = &[
    (
        Field::Email,
        "email",
        &[
            "email",
            "emailaddress",
            "mail",
            "mailaddress",
            "clientemail",
            "emailid",
            "emailadresse",
            "mailadresse",
            "correo",
            "correoelectronico",
            "direccioncorreo",
            "adressemail",
            "adresseemail",
            "courriel",
            "enderecoemail",
            "enderecomail",
            "indirizzoemail",
            "indirizzomail",
            "emailadres",
            "mailadres",
            "epost",
            "primaryemail",
            "useremail",
            "login",
        ],
    ),
    (
        Field::FirstName,
        "first_name",
        &[
            "firstname",
            "first",
            "givenname",
            "forename",
            "vorname",
            "primeironome",
            "nombrepila",
            "prenom",
            "voornaam",
            "fornavn",
            "clientfirstname",
            "fname",
            "primernombre",
        ],
    ),
    (
        Field::LastName,
        "last_name",
        &[
            "lastname",
            "last",
            "surname",
            "familyname",
            "nachname",
            "familienname",
            "apelido",
            "apelidos",
            "sobrenome",
            "ultimonome",
            "apellido",
            "apellidos",
            "nomfamille",
            "cognome",
            "achternaam",
            "efternamn",
            "etternavn",
            "clientlastname",
            "lname",
        ],
    ),
    (
        Field::Name,
        "name",
        &[
            "name",
            "fullname",
            "clientname",
            "client",
            "displayname",
            "athlete",
            "athletename",
            "member",
            "membername",
            "customer",
            "customername",
            "contactname",
            "nome",
            "nomecompleto",
            "nombre",
            "nombrecompleto",
            "nom",
            "nomcomplet",
            "nomecognome",
            "naam",
            "volledigenaam",
            "vollstandigername",
            "kunde",
            "kundenname",
            "cliente",
            "navn",
            "namn",
        ],
    ),
    (
        Field::Phone,
        "phone",
        &[
            "phone",
            "phonenumber",
            "telephone",
            "telephonenumber",
            "tel",
            "mobile",
            "mobilephone",
            "mobilenumber",
            "cell",
            "cellphone",
            "cellnumber",
            "telefon",
            "telefonnummer",
            "handy",
            "handynummer",
            "mobil",
            "mobilnummer",
            "telefone",
            "telemovel",
            "celular",
            "telefono",
            "movil",
            "telefonomovil",
            "portable",
            "cellulare",
            "telefoon",
            "telefoonnummer",
            "whatsapp",
            "primaryphone",
            "clientphone",
        ],
    ),
    (
        Field::Timezone,
        "timezone",
        &[
            "timezone",
            "tz",
            "zeitzone",
            "fusohorario",
            "zonahoraria",
            "fuseauhoraire",
            "fusoorario",
            "tijdzone",
        ],
    ),
    (
        Field::Units,
        "units",
        &[
            "units",
            "unit",
            "unitsystem",
            "measurementsystem",
            "einheiten",
            "unidades",
            "unites",
            "weightunit",
        ],
    ),
    (
        Field::Goal,
        "goal",
        &[
            "goal",
            "goals",
            "maingoal",
            "primarygoal",
            "fitnessgoal",
            "traininggoal",
            "ziel",
            "ziele",
            "objetivo",
            "objetivos",
            "objectif",
            "objectifs",
            "obiettivo",
            "doel",
        ],
    ),
    (
        Field::Experience,
        "experience",
        &[
            "experience",
            "experiencelevel",
            "level",
            "fitnesslevel",
            "traininglevel",
            "erfahrung",
            "niveau",
            "nivel",
            "livello",
        ],
    ),
    (
        Field::DaysPerWeek,
        "days_per_week",
        &[
            "daysperweek",
            "trainingdays",
            "trainingdaysperweek",
            "sessionsperweek",
            "workoutsperweek",
            "tageprowoche",
            "diasporsemana",
            "diassemana",
            "joursparsemaine",
        ],
    ),
    (
        Field::SessionMinutes,
        "session_minutes",
        &[
            "sessionminutes",
            "sessionlength",
            "sessionduration",
            "minutespersession",
            "workoutduration",
        ],
    ),
    (
        Field::Equipment,
        "equipment",
        &[
            "equipment",
            "availableequipment",
            "equipamento",
            "equipamiento",
            "ausrustung",
            "gerate",
            "materiel",
        ],
    ),
    (
        Field::Limitations,
        "limitations",
        &[
            "limitations",
            "injuries",
            "injury",
            "verletzungen",
            "lesoes",
            "lesiones",
            "blessures",
        ],
    ),
    (
        Field::Tags,
        "tags",
        &[
            "tags",
            "tag",
            "labels",
            "label",
            "groups",
            "group",
            "clientgroups",
            "clienttags",
            "etiquetas",
            "etiquettes",
            "gruppe",
            "gruppen",
            "grupo",
            "grupos",
        ],
    ),
    (
        Field::CheckInDay,
        "check_in_day",
        &["checkinday", "checkin", "weeklycheckinday"],
    ),
    (
        Field::CoachNotes,
        "coach_notes",
        &[
            "coachnotes",
            "notes",
            "note",
            "clientnotes",
            "trainernotes",
            "comments",
            "comment",
            "notizen",
            "bemerkungen",
            "notas",
            "observacoes",
            "observaciones",
            "remarques",
            "notities",
        ],
    ),
    (
        Field::ExternalId,
        "external_id",
        &[
            "externalid",
            "id",
            "clientid",
            "userid",
            "memberid",
            "customerid",
            "athleteid",
            "kundennummer",
            "mitgliedsnummer",
            "uuid",
        ],
    ),
];

impl Field {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(field, ..)| *field == self)
            .map_or("", |(_, name, _)| name)
    }

    /// Reads the name on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        let found = NAMES.iter().find(|(_, name, _)| *name == text);
        found.map(|(field, ..)| *field)
    }

    /// Every name on the wire.
    pub fn names() -> Vec<&'static str> {
        NAMES.iter().map(|(_, name, _)| *name).collect()
    }

    /// The field that a column of this name is likely to be.
    pub fn guess(column: &str) -> Option<Self> {
        let folded = fold(column);
        let found = NAMES
            .iter()
            .find(|(_, _, spellings)| spellings.contains(&folded.as_str()));
        found.map(|(field, ..)| *field)
    }
}

/// Words that join others: "correo de contacto", "nome e cognome", "e-mail".
const JOINING: &[&str] = &[
    "de", "do", "da", "del", "di", "e", "et", "of", "the", "y", "und",
];

/// Lower case without accents, spaces and marks; words that join others are left out, as is what
/// stands in brackets.
fn fold(column: &str) -> String {
    let bare = column.split(['(', '[']).next().unwrap_or(column);
    let lower = bare.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| !JOINING.contains(word))
        .flat_map(str::chars)
        .map(plain)
        .collect()
}

/// A letter without its accent, for the letters of the languages above.
fn plain(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        other => other,
    }
}

/// The field of each column. A field is one column's: the first that is named so.
///
/// Beside a column of family names, a column named just "name" in any language holds given names;
/// beside one of given names, it holds family names.
pub fn assign(
    headers: &[String],
    chosen: &[(String, Option<Field>)],
) -> Vec<(String, Option<Field>)> {
    let chosen_for = |at: usize, header: &str| {
        let number = (at + 1).to_string();
        let found = chosen
            .iter()
            .find(|(name, _)| name.trim() == header.trim() || *name == number);
        found.map(|(_, field)| *field)
    };
    let mut taken: Vec<Field> = chosen.iter().filter_map(|(_, field)| *field).collect();
    let guesses: Vec<Option<Field>> = headers.iter().map(|header| Field::guess(header)).collect();
    let has = |field| guesses.contains(&Some(field)) || taken.contains(&field);
    let (first, last) = (has(Field::FirstName), has(Field::LastName));
    let assigned = headers.iter().enumerate().map(|(at, header)| {
        let field = chosen_for(at, header).unwrap_or_else(|| {
            let guess = guesses[at]?;
            let field = match (first, last) {
                (false, true) if guess == Field::Name => Field::FirstName,
                (true, false) if guess == Field::Name => Field::LastName,
                (true | false, true | false) => guess,
            };
            if taken.contains(&field) {
                return None;
            }
            taken.push(field);
            Some(field)
        });
        (header.trim().chars().take(200).collect(), field)
    });
    assigned.collect()
}

/// Reads what was chosen: `column:field` pairs, separated by commas; `-` leaves a column out.
pub fn choices(text: &str) -> Result<Vec<(String, Option<Field>)>, String> {
    let mut chosen: Vec<(String, Option<Field>)> = Vec::new();
    for pair in text.split(',') {
        let Some((column, field)) = pair.rsplit_once(':') else {
            return Err("Use pairs of column and field, such as `Kontakt:email`.".to_owned());
        };
        let field = match field.trim() {
            "-" => None,
            name => Some(Field::parse(name).ok_or_else(|| {
                let names = Field::names().join(", ");
                format!(
                    "`{}` is no field; use one of: {names}, or `-`.",
                    name.chars().take(40).collect::<String>()
                )
            })?),
        };
        if field.is_some() && chosen.iter().any(|(_, other)| *other == field) {
            return Err("Two columns are named for one field.".to_owned());
        }
        chosen.push((column.trim().to_owned(), field));
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(headers: &[&str]) -> Vec<Option<&'static str>> {
        let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
        let assigned = assign(&headers, &[]);
        assigned
            .into_iter()
            .map(|(_, field)| field.map(Field::name))
            .collect()
    }

    #[test]
    fn no_spelling_stands_for_two_fields_and_all_are_folded() {
        let mut seen = std::collections::HashMap::new();
        for (field, name, spellings) in NAMES {
            assert_eq!(Field::guess(name), Some(*field), "{name}");
            for spelling in *spellings {
                assert_eq!(fold(spelling), *spelling, "{spelling}");
                assert!(seen.insert(spelling, name).is_none(), "{spelling}");
            }
        }
    }

    #[test]
    fn exports_of_other_programs_are_understood() {
        assert_eq!(
            fields(&[
                "First Name",
                "Last Name",
                "Email",
                "Type",
                "Coach Email",
                "Groups",
                "Start Date"
            ]),
            [
                Some("first_name"),
                Some("last_name"),
                Some("email"),
                None,
                None,
                Some("tags"),
                None
            ]
        );
        assert_eq!(
            fields(&["First", "Last", "E-mail", "Phone Number"]),
            [
                Some("first_name"),
                Some("last_name"),
                Some("email"),
                Some("phone")
            ]
        );
    }

    #[test]
    fn headers_of_several_languages_are_understood() {
        for headers in [
            ["Vorname", "Nachname", "E-Mail-Adresse", "Telefon"],
            ["Nome", "Apelido", "Endereço de e-mail", "Telemóvel"],
            ["Nombre", "Apellidos", "Correo electrónico", "Teléfono"],
            ["Prénom", "Nom", "Adresse e-mail", "Téléphone"],
            ["Nome", "Cognome", "E-mail", "Cellulare"],
            ["Voornaam", "Achternaam", "E-mailadres", "Telefoonnummer"],
        ] {
            let expected = [
                Some("first_name"),
                Some("last_name"),
                Some("email"),
                Some("phone"),
            ];
            assert_eq!(fields(&headers), expected, "{headers:?}");
        }
        assert_eq!(fields(&["Nom", "Courriel"]), [Some("name"), Some("email")]);
    }

    #[test]
    fn of_two_columns_for_one_field_the_first_is_taken() {
        assert_eq!(fields(&["Email", "E-mail"]), [Some("email"), None]);
    }

    #[test]
    fn a_choice_goes_over_the_guess_by_name_or_number() {
        let headers = ["Email".to_owned(), "Alt".to_owned(), "Who".to_owned()];
        let chosen = [
            ("Alt".to_owned(), Some(Field::Email)),
            ("3".to_owned(), Some(Field::Name)),
        ];
        let assigned: Vec<_> = assign(&headers, &chosen)
            .into_iter()
            .map(|(_, f)| f)
            .collect();
        assert_eq!(assigned, [None, Some(Field::Email), Some(Field::Name)]);
    }
}
