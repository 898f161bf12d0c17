//! Fourteen people and what each came for.

/// What has become of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Was asked and has not come yet.
    Invited,
    /// Is coached.
    Active,
    /// Is on hold since so many days.
    Paused(i64),
    /// Was on hold and came back so many days ago.
    CameBack(i64),
    /// Left so many days ago.
    Left(i64),
    /// Did not use the first link and was sent another so many days ago.
    AskedAgain(i64),
}

/// A client's story.
pub(super) struct Story {
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    pub(super) goal: &'static str,
    pub(super) experience: &'static str,
    pub(super) days_per_week: i64,
    pub(super) session_minutes: i64,
    pub(super) tags: &'static [&'static str],
    pub(super) limitations: &'static [&'static str],
    pub(super) check_in_day: &'static str,
    pub(super) notes: &'static str,
    pub(super) added_days_ago: i64,
    pub(super) turn: Turn,
    /// The thread: days after the client was added, whether the client wrote it, the text.
    pub(super) thread: &'static [(i64, bool, &'static str)],
}

macro_rules! stories {
    ($($name:literal $email:literal, $goal:literal, $experience:literal $days:literal x $minutes:literal,
        $tags:expr, $limitations:expr, $check_in:literal, $notes:literal, $added:literal $turn:expr, $thread:expr;)*) => {
        pub(super) const STORIES: &[Story] = &[$(Story {
            name: $name,
            email: $email,
            goal: $goal,
            experience: $experience,
            days_per_week: $days,
            session_minutes: $minutes,
            tags: &$tags,
            limitations: &$limitations,
            check_in_day: $check_in,
            notes: $notes,
            added_days_ago: $added,
            turn: $turn,
            thread: &$thread,
        },)*];
    };
}

stories! {
    "Mira Okafor" "mira.okafor@sample.example", "First pull-up by autumn", "beginner" 3 x 45,
        ["online", "morning"], ["shoulder"], "monday", "Left shoulder clicks overhead; no pain.", 118 Turn::Active,
        [(1, false, "Welcome, Mira! Your first week is short on purpose."), (2, true, "Done. My arms noticed."),
         (60, true, "I held the top for ten seconds today!"), (60, false, "That is half of a pull-up. Same again on Friday.")];
    "Tomás Leal" "tomas.leal@sample.example", "Half marathon under 1:45", "intermediate" 4 x 60,
        ["running", "online"], ["knee"], "sunday", "Knee after long descents: strength twice a week.", 103 Turn::Active,
        [(3, true, "Can I swap Thursday for Saturday? Night shifts."), (3, false, "Yes. Keep a day between the two hard ones.")];
    "Ingrid Solheim" "ingrid.solheim@sample.example", "Strong at 60", "beginner" 2 x 45,
        ["in person"], ["hip"], "wednesday", "New hip in 2023, cleared by her surgeon.", 96 Turn::Active,
        [(30, true, "Carried the shopping up four floors without stopping."), (30, false, "That was the plan. Well done, Ingrid.")];
    "Dario Conti" "dario.conti@sample.example", "Back squat 180 kg", "advanced" 4 x 75,
        ["powerlifting"], ["low_back"], "friday", "Meet in spring. Watch the third week of each block.", 90 Turn::Active,
        [(70, true, "Back is tight after the heavy triples."), (70, false, "Take Monday off the bar; I moved the block by a week.")];
    "Yuki Tanabe" "yuki.tanabe@sample.example", "Return after a baby", "intermediate" 3 x 30,
        ["online", "postnatal"], ["no_impact"], "tuesday", "Cleared for strength, not for jumping.", 77 Turn::CameBack(12),
        [(20, true, "We are not sleeping at all. Can we stop for a while?"), (20, false, "Of course. Tell me when you are back."), (64, true, "We sleep! Ready to begin again.")];
    "Ben Achterberg" "ben.achterberg@sample.example", "Fewer headaches at the desk", "beginner" 3 x 30,
        ["online"], ["neck"], "thursday", "Sits ten hours a day.", 71 Turn::Active,
        [(40, true, "No headache this week. Coincidence?"), (40, false, "Three weeks in a row would not be. Carry on.")];
    "Aaliyah Haddad" "aaliyah.haddad@sample.example", "Pass the fire service test", "intermediate" 5 x 60,
        ["online", "deadline"], [], "monday", "Test day is fixed; taper a week before.", 64 Turn::Active,
        [(50, true, "Dummy drag: 31 seconds. Limit is 37."), (50, false, "Six seconds to spare. Now the stairs.")];
    "Petr Novotný" "petr.novotny@sample.example", "Ski season without knee pain", "intermediate" 2 x 60,
        ["seasonal"], ["knee"], "saturday", "Comes back every September.", 58 Turn::Left(9),
        [(45, true, "Snow is here, so I am gone. Thank you!"), (45, false, "Enjoy it. Write to me in September.")];
    "Grace Muthoni" "grace.muthoni@sample.example", "Marathon with friends", "beginner" 4 x 45,
        ["running", "group"], [], "sunday", "Runs with two other clients.", 49 Turn::Active,
        [(21, true, "Longest run ever: 18 km."), (21, false, "And you could talk all the way. Perfect.")];
    "Luca Ferri" "luca.ferri@sample.example", "Gain 5 kg of muscle", "beginner" 4 x 60,
        ["online"], ["wrist"], "friday", "Eats too little; ask about breakfast.", 42 Turn::Paused(6),
        [(30, true, "Exams for three weeks, I cannot train."), (30, false, "On hold from today. Good luck.")];
    "Noor van Dijk" "noor.vandijk@sample.example", "Handstand", "advanced" 3 x 60,
        ["gymnastics"], ["wrist", "elbow"], "wednesday", "Films every session.", 35 Turn::Active,
        [(14, true, "Four seconds, on film."), (14, false, "Shoulders over the wrists a little more, and it will be ten.")];
    "Samuel Boateng" "samuel.boateng@sample.example", "Lower blood pressure", "beginner" 3 x 45,
        ["online", "health"], ["needs_clearance"], "tuesday", "Waits for a letter from his doctor.", 21 Turn::AskedAgain(5),
        [];
    "Elena Petrova" "elena.petrova@sample.example", "Dance without ankle tape", "intermediate" 3 x 45,
        ["dance"], ["ankle"], "thursday", "Performs on weekends: nothing heavy on Fridays.", 12 Turn::Active,
        [(2, true, "Ankle feels safe in turns already."), (2, false, "Keep the single-leg work, and tape for the show only.")];
    "Oskar Lindqvist" "oskar.lindqvist@sample.example", "Get moving again", "beginner" 2 x 30,
        ["online", "new"], [], "monday", "Found us through Ingrid.", 2 Turn::Invited,
        [];
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_stories_are_alike() {
        let goals: BTreeSet<_> = STORIES.iter().map(|story| story.goal).collect();
        let emails: BTreeSet<_> = STORIES.iter().map(|story| story.email).collect();

        assert_eq!((STORIES.len(), goals.len(), emails.len()), (14, 14, 14));
        for story in STORIES {
            let last = story.thread.iter().map(|(day, ..)| *day).max();
            assert!(last.unwrap_or(0) <= story.added_days_ago, "{}", story.name);
        }
    }
}
