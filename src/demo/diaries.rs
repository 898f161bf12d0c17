//! What sample clients tell of themselves week by week: bodies, nights, words.

use crate::check_ins::wearables::HrvMethod;

/// What somebody tells of themselves.
pub(super) struct Diary {
    /// Whose it is.
    pub(super) email: &'static str,
    /// Grams sixteen weeks ago, how many more or fewer a week, and how far a morning is off.
    pub(super) weight: (i64, i64, u64),
    /// The waist in millimetres sixteen weeks ago, and how much it changes a week.
    pub(super) waist: (i64, i64),
    /// Steps a day.
    pub(super) steps: u64,
    /// Minutes of sleep.
    pub(super) sleep: u64,
    /// Beats a minute at rest.
    pub(super) resting_hr: u64,
    /// Heart rate variability.
    pub(super) hrv: u64,
    /// What it is counted with; empty without a wearable.
    pub(super) watch: &'static str,
    /// How that measures heart rate variability.
    pub(super) method: HrvMethod,
    /// Another watch, which measures the other way, since so many weeks; 0 if there is none.
    pub(super) new_watch: i64,
    /// Weeks ago in which the wearable lay in a drawer.
    pub(super) gaps: &'static [i64],
    /// Weeks ago in which no check-in came.
    pub(super) missed: &'static [i64],
    /// What the client wrote, the latest first.
    pub(super) words: &'static [&'static str],
    /// What the coach answered, the latest first.
    pub(super) replies: &'static [&'static str],
    /// What the coach keeps to herself: weeks ago, and the note.
    pub(super) private: &'static [(i64, &'static str)],
}

/// For weeks in which there is not much to tell.
pub(super) const QUIET_WORDS: &[&str] = &[
    "A normal week. Everything done, nothing special.",
    "Busy at work, so I trained early. That was better than I thought.",
    "Ate out twice. Otherwise on plan.",
    "Good week. The last sets feel less like a fight.",
    "Slept well for once, and it showed.",
    "Tired on Thursday, fine on Saturday.",
    "Nothing hurts and the plan is clear.",
];

/// For check-ins that need no long answer.
pub(super) const SHORT_REPLIES: &[&str] = &[
    "Thank you. Carry on just like this.",
    "Good. Next week is the same with a little more.",
    "Read it all. Nothing to change.",
    "That is what a good week looks like.",
    "Well done. Keep the easy days easy.",
    "Fine. Go to bed half an hour earlier if you can.",
];

/// The same, for those who have a wearable of this kind.
const WATCH: &str = "Watch";

pub(super) const DIARIES: &[Diary] = &[
    Diary {
        email: "mira.okafor@sample.example",
        weight: (68_400, -180, 500),
        waist: (792, -3),
        steps: 8_200,
        sleep: 430,
        resting_hr: 62,
        hrv: 48,
        watch: WATCH,
        method: HrvMethod::Sdnn,
        new_watch: 0,
        gaps: &[9],
        missed: &[],
        words: &[
            "Three negatives of ten seconds. I think the pull-up is in there somewhere.",
            "Shoulder clicked once on the wall slides, no pain, not since.",
            "Got up at six three times. Who am I?",
            "Held on for a minute at the playground and the children counted.",
            "Wanted to skip Friday and went. Glad now.",
        ],
        replies: &[
            "It is. We test it on the last Friday of the block, not before.",
            "Clicking without pain is noise. Tell me if that changes.",
            "Somebody who will do a pull-up.",
        ],
        private: &[(
            2,
            "Ready for the test. Do not let her try earlier: she will.",
        )],
    },
    Diary {
        email: "tomas.leal@sample.example",
        weight: (77_900, -90, 600),
        waist: (842, -2),
        steps: 12_400,
        sleep: 385,
        resting_hr: 49,
        hrv: 71,
        watch: WATCH,
        method: HrvMethod::Rmssd,
        new_watch: 0,
        gaps: &[],
        missed: &[6],
        words: &[
            "Knee is better on the flat. Split squats still hurt, so I stopped after the second set each time.",
            "Left knee, below the cap, since the long descent. Stairs hurt in the morning. I only cycled.",
            "10 km in 46:10 and it felt controlled. Calves a bit tight.",
            "Three night shifts. Moved everything by a day and it worked.",
            "Hills on Tuesday were the best session of the year.",
        ],
        replies: &[
            "No more running downhill and no lunges until you can hop on it ten times without pain. I have drafted a block without them.",
            "That is the pace for 1:45. Now we keep you healthy.",
            "Good call with the night shifts.",
        ],
        private: &[(
            1,
            "Looks like the tendon. If stairs still hurt next Sunday, send him to the physio.",
        )],
    },
    Diary {
        email: "ingrid.solheim@sample.example",
        weight: (71_200, -40, 400),
        waist: (884, -2),
        steps: 6_900,
        sleep: 410,
        resting_hr: 64,
        hrv: 29,
        watch: WATCH,
        method: HrvMethod::Sdnn,
        new_watch: 7,
        gaps: &[3],
        missed: &[],
        words: &[
            "My granddaughter lifted the small bar and would not give it back.",
            "Carried two bags of soil to the balcony. A year ago that was one, with a rest.",
            "New watch from my son. It says other numbers than the old one, is that bad?",
            "Stood on one leg while brushing my teeth, both sides.",
            "The surgeon looked at the hip and asked what I was doing. I said deadlifts.",
        ],
        replies: &[
            "She has good taste. Same weights on Tuesday, one set more.",
            "Wonderful. That is exactly what it is for.",
            "Not bad, only different: it measures the pulse in another way. I keep the two apart.",
        ],
        private: &[(
            7,
            "New watch: RMSSD instead of SDNN. Do not compare across the change.",
        )],
    },
    Diary {
        email: "dario.conti@sample.example",
        weight: (92_600, 60, 700),
        waist: (941, 1),
        steps: 7_100,
        sleep: 445,
        resting_hr: 57,
        hrv: 58,
        watch: "Ring",
        method: HrvMethod::Rmssd,
        new_watch: 0,
        gaps: &[12, 13],
        missed: &[],
        words: &[
            "172.5 for two. The second one stood up by itself. 180 is there.",
            "Triples at 160 all moved the same. Back fine with the longer warm-up.",
            "Deload. Bored, which is a good sign.",
            "Back tight after Monday, gone by Thursday.",
            "Ate everything in the house.",
        ],
        replies: &[
            "Saw the video three times. We open with 165 at the meet.",
            "Then the longer warm-up stays.",
            "Bored is what we pay for.",
        ],
        private: &[(
            1,
            "Third week of the block: ask about the back on Monday before he loads the bar.",
        )],
    },
    Diary {
        email: "yuki.tanabe@sample.example",
        weight: (61_800, -110, 500),
        waist: (812, -3),
        steps: 7_600,
        sleep: 330,
        resting_hr: 66,
        hrv: 41,
        watch: WATCH,
        method: HrvMethod::Sdnn,
        new_watch: 0,
        gaps: &[1],
        missed: &[],
        words: &[
            "First week back. Twenty-five minutes, three times, and nobody woke up.",
            "Slept five hours in a row! Please let me begin again.",
        ],
        replies: &["Welcome back. That is more than enough for a first week."],
        private: &[(
            1,
            "No jumping, and nothing to failure, until sleep is over six hours.",
        )],
    },
    Diary {
        email: "ben.achterberg@sample.example",
        weight: (84_300, 30, 600),
        waist: (958, 1),
        steps: 4_300,
        sleep: 395,
        resting_hr: 68,
        hrv: 36,
        watch: "",
        method: HrvMethod::Sdnn,
        new_watch: 0,
        gaps: &[],
        missed: &[1, 2],
        words: &[
            "",
            "",
            "Release week. Trained once. Headache on Wednesday, first one in a month.",
            "Bands under the desk now. Colleagues stare, then ask for one.",
            "No headache. The chin tucks look silly and work.",
        ],
        replies: &[
            "",
            "",
            "Once is not nothing. Ten minutes at lunch count too: shall we make it that?",
        ],
        private: &[(
            3,
            "Goes quiet in release weeks. Call if there is nothing by Thursday.",
        )],
    },
    Diary {
        email: "aaliyah.haddad@sample.example",
        weight: (74_800, -160, 600),
        waist: (806, -4),
        steps: 13_800,
        sleep: 425,
        resting_hr: 54,
        hrv: 63,
        watch: WATCH,
        method: HrvMethod::Sdnn,
        new_watch: 0,
        gaps: &[5],
        missed: &[],
        words: &[
            "Taper week. Stair climb with the vest: 2:41, limit is 3:20. Only the hose left.",
            "Dragged the dummy twice in a row because the first time was too easy.",
            "Hands torn from the rope. Gloves now.",
            "Pressed 95 pounds over my head for five. Called my mother.",
            "Five sessions, five done.",
        ],
        replies: &[
            "Then rest, eat and sleep until the day. You have done the work.",
            "Please do not do it a third time this week.",
            "What did she say?",
        ],
        private: &[(
            1,
            "Test is on Saturday. Send her the warm-up on Friday evening.",
        )],
    },
    Diary {
        email: "petr.novotny@sample.example",
        weight: (82_100, -30, 500),
        waist: (905, -1),
        steps: 9_400,
        sleep: 440,
        resting_hr: 55,
        hrv: 52,
        watch: WATCH,
        method: HrvMethod::Rmssd,
        new_watch: 0,
        gaps: &[4, 5, 6],
        missed: &[],
        words: &[
            "",
            "",
            "Wall sit of three minutes. The snow can come.",
            "Knees silent on the stairs of the cable car station, all 212.",
        ],
        replies: &[
            "",
            "",
            "It will. Two light sessions a week up there, please.",
        ],
        private: &[(3, "Write to him in August.")],
    },
    Diary {
        email: "grace.muthoni@sample.example",
        weight: (63_500, -70, 500),
        waist: (748, -2),
        steps: 14_600,
        sleep: 415,
        resting_hr: 53,
        hrv: 66,
        watch: WATCH,
        method: HrvMethod::Rmssd,
        new_watch: 0,
        gaps: &[8],
        missed: &[],
        words: &[
            "24 km, the last five in the rain, and we laughed the whole way. Sorry about the card, the bank sent a new one.",
            "22 km. Sang the last two.",
            "Skipped one run for a wedding. Danced for five hours instead.",
            "A blister from the new shoes, gone with other socks.",
            "18 km, my longest run ever.",
        ],
        replies: &[
            "Dancing counts. Long run on Sunday as planned.",
            "Wide socks for the race then. Write it down.",
            "Remember this one in the last hour of the marathon.",
        ],
        private: &[(0, "Card was replaced: send her the link to pay again.")],
    },
    Diary {
        email: "luca.ferri@sample.example",
        weight: (66_900, 240, 500),
        waist: (741, 2),
        steps: 6_100,
        sleep: 400,
        resting_hr: 63,
        hrv: 55,
        watch: "",
        method: HrvMethod::Sdnn,
        new_watch: 0,
        gaps: &[],
        missed: &[],
        words: &[
            "",
            "Exams begin. I study, I do not train, I still eat breakfast.",
            "70 kilos for the first time in my life!",
            "Four meals a day is a job.",
            "Wrist fine with the neutral grip.",
        ],
        replies: &[
            "",
            "Breakfast is the part that matters. On hold until you write.",
            "Seventy! Frame the scale.",
        ],
        private: &[(
            2,
            "Will lose a kilo over the exams. Tell him before that it comes back in a week.",
        )],
    },
    Diary {
        email: "noor.vandijk@sample.example",
        weight: (58_700, 10, 400),
        waist: (688, 0),
        steps: 9_900,
        sleep: 375,
        resting_hr: 56,
        hrv: 61,
        watch: "Ring",
        method: HrvMethod::Rmssd,
        new_watch: 0,
        gaps: &[2],
        missed: &[],
        words: &[
            "Same weights, fifth week. I sleep six hours and work two jobs, I know.",
            "Nothing moves. Film attached to my last message: the line is good, at least.",
            "Stuck on the row as well now.",
            "Elbow quiet. Load the same as last week.",
            "Seven seconds, once. Then never again that day.",
        ],
        replies: &[
            "A lighter week now, half an hour more sleep, and 300 kcal more. Then we load again.",
            "The line is what you came for. The load will follow the sleep.",
            "One thing at a time. Rows stay, pull-downs go.",
        ],
        private: &[(
            1,
            "Plateau since five weeks: sleep under 6:20 and no weight gained. Not a training problem.",
        )],
    },
    Diary {
        email: "elena.petrova@sample.example",
        weight: (55_400, -10, 400),
        waist: (662, 0),
        steps: 10_800,
        sleep: 435,
        resting_hr: 58,
        hrv: 57,
        watch: WATCH,
        method: HrvMethod::Sdnn,
        new_watch: 0,
        gaps: &[1],
        missed: &[],
        words: &[
            "Greetings from Crete. Swam every day, did nothing else, ankle is happy.",
            "Last show of the season, without tape.",
            "Two performances and a matinee. Short sessions, but all of them.",
            "Single-leg work is boring and it works.",
            "Turned on the bad ankle on stage and only noticed afterwards.",
        ],
        replies: &[
            "Exactly as ordered. See you on Monday in a week.",
            "Without tape! That was the goal. We find you a new one.",
            "Short is fine on show weeks.",
        ],
        private: &[],
    },
];

#[cfg(test)]
mod tests {
    use super::super::stories::STORIES;
    use super::*;

    #[test]
    fn everybody_who_trains_keeps_a_diary_and_nobody_else() {
        let coached = STORIES
            .iter()
            .filter(|story| !story.course.programs.is_empty());
        let coached: Vec<&str> = coached.map(|story| story.email).collect();
        let kept: Vec<&str> = DIARIES.iter().map(|diary| diary.email).collect();

        assert_eq!(coached, kept);
    }
}
