//! Fourteen people, what each came for, and how it went.

use super::courses::{Course, Effort, Shape};
use crate::programs::generator::policy::Goal;

/// What has become of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Was asked and has not come yet.
    Invited,
    /// Is coached.
    Active,
    /// Is on hold since so many days.
    Paused(i64),
    /// Was on hold from so many until so many days ago.
    CameBack(i64, i64),
    /// Left so many days ago.
    Left(i64),
    /// Did not use the first link and was sent another so many days ago.
    AskedAgain(i64),
}

/// A client's story.
pub(super) struct Story {
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    /// Where the client lives.
    pub(super) timezone: &'static str,
    pub(super) units: &'static str,
    pub(super) goal: &'static str,
    pub(super) experience: &'static str,
    pub(super) days_per_week: i64,
    pub(super) session_minutes: i64,
    pub(super) equipment: &'static [&'static str],
    pub(super) tags: &'static [&'static str],
    pub(super) limitations: &'static [&'static str],
    pub(super) check_in_day: &'static str,
    pub(super) notes: &'static str,
    pub(super) added_days_ago: i64,
    pub(super) turn: Turn,
    /// The thread: days ago, whether the client wrote it, the text.
    pub(super) thread: &'static [(i64, bool, &'static str)],
    /// How training went.
    pub(super) course: Course,
}

macro_rules! stories {
    ($($name:literal $email:literal $zone:literal $units:literal, $goal:literal, $experience:literal $days:literal x $minutes:literal,
        $equipment:literal, $tags:expr, $limitations:expr, $check_in:literal, $notes:literal, $added:literal $turn:expr, $thread:expr, $course:expr;)*) => {
        pub(super) const STORIES: &[Story] = &[$(Story {
            name: $name,
            email: $email,
            timezone: $zone,
            units: $units,
            goal: $goal,
            experience: $experience,
            days_per_week: $days,
            session_minutes: $minutes,
            equipment: &[$equipment],
            tags: &$tags,
            limitations: &$limitations,
            check_in_day: $check_in,
            notes: $notes,
            added_days_ago: $added,
            turn: $turn,
            thread: &$thread,
            course: $course,
        },)*];
    };
}

stories! {
    "Mira Okafor" "mira.okafor@sample.example" "Europe/London" "metric", "First pull-up by autumn", "beginner" 3 x 45,
        "full_gym", ["online", "morning"], ["shoulder"], "monday", "Left shoulder clicks overhead; no pain. Likes to see numbers.", 124 Turn::Active,
        [(124, false, "Welcome, Mira! Your first week is short on purpose."), (121, true, "Done. My arms noticed."),
         (58, true, "I held the top for ten seconds today!"), (58, false, "That is half of a pull-up. Same again on Friday."),
         (9, true, "Negatives down to eight seconds. It feels close."), (9, false, "It is. We try one in the last week of the block.")],
        Course {
            programs: &[("Pull-up, part one", Goal::General), ("Pull-up, part two", Goal::Strength)], weeks_in: 7, next: Some(Goal::Strength),
            days: &[0, 2, 4], hour: 7, strength: 62, kept: 96, effort: Effort::Rir, shape: Shape::OnPlan,
            remarks: &["Grip gave out first, not the back.", "Shoulder quiet all session.", "Before work, still half asleep, still done."],
        };
    "Tomás Leal" "tomas.leal@sample.example" "Europe/Lisbon" "metric", "Half marathon under 1:45", "intermediate" 4 x 60,
        "full_gym", ["running", "online"], [], "sunday", "Ran 1:52 last year. Works nights; moves sessions around.", 126 Turn::Active,
        [(119, true, "Can I swap Thursday for Saturday? Night shifts."), (119, false, "Yes. Keep a day between the two hard ones."),
         (47, true, "10 km in 46:30, and I could have gone on."), (47, false, "Then 1:45 is on. Hold the easy runs easy."),
         (11, true, "Left knee aches below the cap since the long descent on Saturday."), (11, false, "Stop the squats and lunges, keep the bike. Does it hurt on stairs?"),
         (2, true, "Stairs are fine now, but the split squats still hurt from the third one.")],
        Course {
            programs: &[("Base", Goal::Endurance), ("Hills and strength", Goal::Endurance), ("Towards 1:45", Goal::Endurance)], weeks_in: 3, next: Some(Goal::Endurance),
            days: &[0, 1, 3, 5], hour: 17, strength: 92, kept: 90, effort: Effort::Rpe, shape: Shape::Knee(12),
            remarks: &["Legs heavy after the night shift.", "Felt easy. Kept it easy.", "Ran to the gym and back."],
        };
    "Ingrid Solheim" "ingrid.solheim@sample.example" "Europe/Oslo" "metric", "Strong at 60", "beginner" 2 x 45,
        "full_gym", ["in person"], ["hip"], "wednesday", "New hip in 2023, cleared by her surgeon. Trains with me on Tuesdays.", 120 Turn::Active,
        [(62, true, "Carried the shopping up four floors without stopping."), (62, false, "That was the plan. Well done, Ingrid."),
         (20, true, "My granddaughter wants to train with me now."), (20, false, "Bring her on Tuesday. We will find her a light bar.")],
        Course {
            programs: &[("Getting started", Goal::General), ("Stronger", Goal::Strength)], weeks_in: 5, next: None,
            days: &[1, 4], hour: 10, strength: 48, kept: 97, effort: Effort::Rpe, shape: Shape::OnPlan,
            remarks: &["Hip felt good throughout.", "Balanced on one leg without holding on.", "A little stiff in the beginning, gone by the second set."],
        };
    "Dario Conti" "dario.conti@sample.example" "Europe/Rome" "metric", "Back squat 180 kg", "advanced" 4 x 75,
        "full_gym", ["powerlifting"], [], "friday", "Meet in spring. Watch the third week of each block: that is where his back tightens.", 125 Turn::Active,
        [(70, true, "Back is tight after the heavy triples."), (70, false, "Take Monday off the bar; I moved the block by a week."),
         (23, true, "165 moved like a warm-up."), (23, false, "Saw it. Leave the next ten kilos for the block.")],
        Course {
            programs: &[("Volume", Goal::Hypertrophy), ("Strength I", Goal::Strength), ("Strength II", Goal::Strength)], weeks_in: 3, next: None,
            days: &[0, 1, 3, 4], hour: 18, strength: 150, kept: 97, effort: Effort::Rpe, shape: Shape::Record("back-squat", 172_500, 2),
            remarks: &["Belt from the second set on.", "Bar speed good on everything.", "Slept badly, moved well."],
        };
    "Yuki Tanabe" "yuki.tanabe@sample.example" "Asia/Tokyo" "metric", "Return after a baby", "intermediate" 3 x 30,
        "dumbbells", ["online", "postnatal"], ["no_impact"], "tuesday", "Cleared for strength, not for jumping.", 122 Turn::CameBack(80, 19),
        [(80, true, "We are not sleeping at all. Can we stop for a while?"), (80, false, "Of course. Tell me when you are back."),
         (19, true, "We sleep! Ready to begin again."), (19, false, "Lovely. Two easy weeks first, then we add.")],
        Course {
            programs: &[("Before the break", Goal::General), ("Back again", Goal::General)], weeks_in: 2, next: None,
            days: &[0, 2, 5], hour: 13, strength: 50, kept: 88, effort: Effort::Rir, shape: Shape::OnPlan,
            remarks: &["During the nap. Cut the last exercise short.", "The baby watched and laughed.", "More energy than I thought."],
        };
    "Ben Achterberg" "ben.achterberg@sample.example" "Europe/Amsterdam" "metric", "Fewer headaches at the desk", "beginner" 3 x 30,
        "bands", ["online"], ["neck"], "thursday", "Sits ten hours a day. Goes quiet when work is busy: call him.", 119 Turn::Active,
        [(70, true, "No headache this week. Coincidence?"), (70, false, "Three weeks in a row would not be. Carry on."),
         (13, false, "I have not seen a check-in from you for a while, Ben. All well?")],
        Course {
            programs: &[("Neck and upper back", Goal::General), ("Desk antidote", Goal::General)], weeks_in: 6, next: None,
            days: &[0, 2, 4], hour: 12, strength: 75, kept: 90, effort: Effort::Untold, shape: Shape::Slipping(17),
            remarks: &["In the office, between two calls.", "No headache today."],
        };
    "Aaliyah Haddad" "aaliyah.haddad@sample.example" "America/Chicago" "imperial", "Pass the fire service test", "intermediate" 5 x 60,
        "full_gym", ["online", "deadline"], [], "monday", "Test day is fixed; taper a week before. Thinks in pounds.", 118 Turn::Active,
        [(30, true, "Dummy drag: 31 seconds. Limit is 37."), (30, false, "Six seconds to spare. Now the stairs."),
         (5, true, "Stair climb with the vest: passed, not even close."), (5, false, "Then only the hose is left. See the plan for Thursday.")],
        Course {
            programs: &[("Build", Goal::Strength), ("Carry and climb", Goal::FatLoss), ("Test prep", Goal::Strength)], weeks_in: 5, next: Some(Goal::Strength),
            days: &[0, 1, 2, 4, 5], hour: 6, strength: 90, kept: 98, effort: Effort::Rpe, shape: Shape::OnPlan,
            remarks: &["Carried the hose afterwards, twice round the lot.", "Vest on for the whole session.", "Third set was a fight. Won it."],
        };
    "Petr Novotný" "petr.novotny@sample.example" "Europe/Prague" "metric", "Ski season without knee pain", "intermediate" 2 x 60,
        "home_gym", ["seasonal"], ["knee"], "saturday", "Comes back every September.", 110 Turn::Left(9),
        [(12, true, "Snow is here, so I am gone. Thank you!"), (11, false, "Enjoy it. Write to me in September.")],
        Course {
            programs: &[("Legs for the slope I", Goal::Strength), ("Legs for the slope II", Goal::Strength)], weeks_in: 5, next: None,
            days: &[1, 5], hour: 19, strength: 98, kept: 93, effort: Effort::Untold, shape: Shape::OnPlan,
            remarks: &["Knees silent.", "Wall sits on the terrace, with a view."],
        };
    "Grace Muthoni" "grace.muthoni@sample.example" "Africa/Nairobi" "metric", "Marathon with friends", "beginner" 4 x 45,
        "bodyweight", ["running", "group"], [], "sunday", "Runs with two others. Card was renewed in the summer; ask if a payment fails.", 116 Turn::Active,
        [(51, true, "Longest run ever: 18 km."), (51, false, "And you could talk all the way. Perfect."),
         (16, true, "22 km on Sunday. We sang the last two."), (16, false, "Sing the last two on race day as well.")],
        Course {
            programs: &[("First 10 km", Goal::Endurance), ("First 30 km", Goal::Endurance)], weeks_in: 6, next: None,
            days: &[0, 2, 3, 6], hour: 6, strength: 70, kept: 93, effort: Effort::Untold, shape: Shape::OnPlan,
            remarks: &["With the group, in the rain.", "Talked all the way.", "New shoes, no blisters."],
        };
    "Luca Ferri" "luca.ferri@sample.example" "Europe/Rome" "metric", "Gain 5 kg of muscle", "beginner" 4 x 60,
        "full_gym", ["online"], ["wrist"], "friday", "Eats too little; ask about breakfast.", 105 Turn::Paused(6),
        [(60, true, "Up two kilos! Breakfast is a habit now."), (60, false, "Two more like that and you need new shirts."),
         (6, true, "Exams for three weeks, I cannot train."), (6, false, "On hold from today. Good luck.")],
        Course {
            programs: &[("Basics", Goal::Hypertrophy), ("Growing", Goal::Hypertrophy)], weeks_in: 6, next: None,
            days: &[0, 1, 3, 4], hour: 16, strength: 82, kept: 88, effort: Effort::Rir, shape: Shape::Away(6, "Exams."),
            remarks: &["Ate before this time. Difference is huge.", "Last rep was slow, but it went.", "Wrist fine with the neutral grip."],
        };
    "Noor van Dijk" "noor.vandijk@sample.example" "Europe/Brussels" "metric", "Handstand", "advanced" 3 x 60,
        "full_gym", ["gymnastics"], ["wrist", "elbow"], "wednesday", "Films every session. Impatient when a number stands still.", 121 Turn::Active,
        [(80, true, "Four seconds, on film."), (80, false, "Shoulders over the wrists a little more, and it will be ten."),
         (8, true, "Same weights as five weeks ago. Am I doing something wrong?"), (7, false, "No: you are stuck, which is normal. Let us look at sleep and food on Wednesday.")],
        Course {
            programs: &[("Shoulders and trunk", Goal::Strength), ("Line", Goal::Hypertrophy), ("Balance", Goal::Hypertrophy)], weeks_in: 4, next: Some(Goal::Strength),
            days: &[0, 2, 5], hour: 20, strength: 84, kept: 95, effort: Effort::Rir, shape: Shape::Plateau(38),
            remarks: &["Same as last week. And the week before.", "Filmed it: line is better, load is not.", "Elbow fine."],
        };
    "Samuel Boateng" "samuel.boateng@sample.example" "Europe/London" "metric", "Lower blood pressure", "beginner" 3 x 45,
        "full_gym", ["online", "health"], ["needs_clearance"], "tuesday", "Waits for a letter from his doctor.", 21 Turn::AskedAgain(5),
        [],
        Course { next: Some(Goal::General), ..Course::NONE };
    "Elena Petrova" "elena.petrova@sample.example" "Europe/Sofia" "metric", "Dance without ankle tape", "intermediate" 3 x 45,
        "dumbbells", ["dance"], ["ankle"], "thursday", "Performs on weekends: nothing heavy on Fridays.", 117 Turn::Active,
        [(82, true, "Ankle feels safe in turns already."), (82, false, "Keep the single-leg work, and tape for the show only."),
         (10, true, "Season is over. Two weeks in Crete, no gym, only sea."), (10, false, "Swim, walk, sleep. I excused the sessions until you are back.")],
        Course {
            programs: &[("Ankles", Goal::General), ("Stage legs", Goal::Strength), ("Between seasons", Goal::General)], weeks_in: 3, next: None,
            days: &[0, 1, 3], hour: 11, strength: 60, kept: 94, effort: Effort::Rpe, shape: Shape::Away(9, "On holiday."),
            remarks: &["Single-leg work without tape.", "After the matinee, so short.", "Calves strong today."],
        };
    "Oskar Lindqvist" "oskar.lindqvist@sample.example" "Europe/Stockholm" "metric", "Get moving again", "beginner" 2 x 30,
        "bodyweight", ["online", "new"], [], "monday", "Found us through Ingrid.", 2 Turn::Invited,
        [],
        Course { next: Some(Goal::General), ..Course::NONE };
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
            let days: Vec<i64> = story.thread.iter().map(|(day, ..)| *day).collect();
            assert!(days.is_sorted_by(|a, b| a >= b), "{}", story.name);
            assert!(
                days.first().is_none_or(|day| *day <= story.added_days_ago),
                "{}",
                story.name
            );
        }
    }
}
