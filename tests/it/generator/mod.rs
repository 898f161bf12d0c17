//! The program generator: what must hold of every plan, over the whole space of its inputs.

#![expect(
    clippy::disallowed_methods,
    clippy::let_underscore_must_use,
    clippy::similar_names,
    clippy::too_many_lines,
    reason = "rules and cases stand in lists; writing to a string cannot fail; a golden is rewritten \
              by an environment variable"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

mod history;

use cadence::exercises::catalogue::{Catalogue, Exercise, Level, Pattern, Tag};
use cadence::programs::generator::policy::{self, Goal, Limitation, Profile};
use cadence::programs::generator::{Input, Maximum, Plan, generate};
use cadence::programs::model::{
    Amount, Block, Group, GroupKind, LoadKind, Prescription, Session, SetEntry, SetKind,
};

fn exercise(slug: &str) -> &'static Exercise {
    let own = || history::own().iter().find(|own| own.slug == slug);
    let found = Catalogue::embedded().get(slug).or_else(own);
    found.unwrap_or_else(|| panic!("there is no {slug}"))
}

fn input(
    goal: Goal,
    level: Level,
    days: u32,
    profile: Profile,
    limitations: &[Limitation],
) -> Input {
    Input {
        level,
        days_per_week: days,
        items: profile.items(),
        equipment: vec![profile.name().to_owned()],
        limitations: limitations.to_vec(),
        ..Input::new(goal)
    }
}

/// Every input of the space, and what is seen of it.
fn over_all(goal: Goal, see: impl Fn(&Input)) {
    for (_, level) in Level::CHOICES {
        for days in 1..=6 {
            for (_, profile) in Profile::CHOICES {
                for (_, limitation) in Limitation::CHOICES {
                    see(&input(goal, *level, days, *profile, &[*limitation]));
                }
            }
        }
    }
}

/// The space in two threads.
fn in_parallel(see: impl Fn(&Input) + Copy + Send + Sync) {
    std::thread::scope(|scope| {
        let workers: Vec<_> = [[0, 1, 2].as_slice(), &[3, 4]]
            .into_iter()
            .map(|goals| {
                scope.spawn(move || {
                    for goal in goals {
                        over_all(Goal::CHOICES[*goal].1, see);
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.join().expect("no plan breaks a rule");
        }
    });
}

fn prescriptions(session: &Session) -> impl Iterator<Item = &Prescription> {
    session.groups.iter().flat_map(|group| &group.prescriptions)
}

fn is_lift(prescription: &Prescription) -> bool {
    let pattern = exercise(&prescription.exercise).pattern;
    !matches!(pattern, Pattern::Cardio | Pattern::Mobility)
}

fn sets(prescription: &Prescription) -> u32 {
    prescription
        .sets
        .iter()
        .filter(|set| set.is_work())
        .map(SetEntry::count)
        .sum()
}

/// Half sets by muscle group.
fn volume<'p>(
    prescriptions: impl Iterator<Item = &'p Prescription>,
) -> BTreeMap<&'static str, u32> {
    let mut volume = BTreeMap::new();
    for prescription in prescriptions.filter(|p| is_lift(p)) {
        let exercise = exercise(&prescription.exercise);
        let mut credit: BTreeMap<&str, u32> = BTreeMap::new();
        for (muscles, half_sets) in [(&exercise.secondary, 1), (&exercise.primary, 2)] {
            for group in muscles
                .iter()
                .filter_map(|muscle| policy::group_of(*muscle))
            {
                credit.insert(group.name(), half_sets);
            }
        }
        for (group, half_sets) in credit {
            *volume.entry(group).or_default() += half_sets * sets(prescription);
        }
    }
    volume
}

/// Seconds of one set.
fn work_s(prescription: &Prescription, set: &SetEntry) -> u32 {
    let rep_s: u32 = prescription
        .tempo
        .as_deref()
        .unwrap_or("2-0-1-0")
        .split('-')
        .map(|part| part.parse().unwrap_or(1))
        .sum();
    let once = match (set.reps, set.seconds, set.metres) {
        (Some(reps), ..) => reps.max() * rep_s,
        (_, Some(seconds), _) => seconds.max(),
        // A second a metre.
        (.., Some(metres)) => metres.max(),
        (None, None, None) => panic!("a set of nothing"),
    };
    if prescription.unilateral == Some(true) {
        2 * once
    } else {
        once
    }
}

/// Seconds of a group: rounds of work, a rest after each, 15 s from one exercise to the next, 90 s to
/// set each up.
fn group_s(group: &Group) -> u32 {
    let work = |p: &Prescription| -> Vec<u32> {
        let each = p.sets.iter().filter(|set| set.is_work());
        each.flat_map(|set| vec![work_s(p, set); set.count() as usize])
            .collect()
    };
    let works: Vec<(Vec<u32>, u32)> = group
        .prescriptions
        .iter()
        .map(|p| (work(p), u32::from(p.rest_s.unwrap_or(0))))
        .filter(|(work, _)| !work.is_empty())
        .collect();
    let rounds = works.iter().map(|(work, _)| work.len()).max().unwrap_or(0);
    let mut sum = 90 * u32::try_from(works.len()).expect("few");
    for round in 0..rounds {
        let taking_part: Vec<(u32, u32)> = works
            .iter()
            .filter_map(|(work, rest)| Some((*work.get(round)?, *rest)))
            .collect();
        sum += taking_part.iter().map(|(work, _)| work).sum::<u32>();
        sum += taking_part.iter().map(|(_, rest)| *rest).max().unwrap_or(0);
        sum += 15 * u32::try_from(taking_part.len() - 1).expect("few");
    }
    sum
}

fn session_s(session: &Session) -> u32 {
    360 + session.groups.iter().map(group_s).sum::<u32>()
}

fn is_easy_day(session: &Session) -> bool {
    !prescriptions(session).any(is_lift)
}

fn weeks(blocks: &[Block]) -> Vec<(bool, Vec<&Session>)> {
    let of = |block: &Block| block.weeks();
    let all = blocks
        .iter()
        .flat_map(|block| (1..=of(block)).map(move |week| (block, week)));
    all.map(|(block, week)| {
        let sessions = block
            .week(week)
            .into_iter()
            .map(|(_, place)| &block.sessions[place]);
        (block.is_deload(), sessions.collect())
    })
    .collect()
}

/// Checks everything that can be seen in a plan.
fn hold(input: &Input, plan: &Plan) {
    let named = || {
        format!(
            "{:?}",
            (
                input.goal,
                input.level,
                input.days_per_week,
                &input.equipment,
                &input.limitations,
                input.session_minutes
            )
        )
    };
    // What was asked for, and what hurt.
    let limitations = &plan.generation.inputs.limitations;
    assert!(input.limitations.iter().all(|l| limitations.contains(l)));
    let avoided: u64 = limitations
        .iter()
        .flat_map(|limitation| policy::avoided(*limitation))
        .fold(0, |set, tag| set | tag.bit());
    let easy = input.limitations.contains(&Limitation::NeedsClearance);
    let reasons: BTreeSet<(&str, &str)> = plan
        .generation
        .reasons
        .iter()
        .map(|reason| (reason.session.as_str(), reason.exercise.as_str()))
        .collect();
    let mut former: BTreeMap<(String, String), (u32, i64)> = BTreeMap::new();
    for (number, (deload, sessions)) in weeks(&plan.blocks).into_iter().enumerate() {
        let at = || format!("{} in week {}", named(), number + 1);
        assert_eq!(sessions.len(), input.days_per_week as usize, "{}", at());
        let days: BTreeSet<Option<u16>> = sessions.iter().map(|session| session.day).collect();
        assert_eq!(
            days.len(),
            sessions.len(),
            "two sessions on a day: {}",
            at()
        );
        let lifting = sessions
            .iter()
            .filter(|session| !is_easy_day(session))
            .count();
        assert!(input.level != Level::Beginner || lifting <= 4, "{}", at());
        for session in &sessions {
            let name = session.name.as_deref().unwrap_or_default();
            let at = || format!("{}, {name}", at());
            let mut seen = BTreeSet::new();
            for prescription in prescriptions(session) {
                let exercise = exercise(&prescription.exercise);
                let slug = exercise.slug.as_str();
                assert!(seen.insert(slug), "{slug} twice: {}", at());
                assert!(
                    reasons.contains(&(name, slug)),
                    "{slug} without a reason: {}",
                    at()
                );
                for slug in std::iter::once(slug)
                    .chain(prescription.alternates.iter().flatten().map(String::as_str))
                {
                    let exercise = self::exercise(slug);
                    assert_eq!(
                        exercise.tag_bits() & avoided,
                        0,
                        "{slug} is to be avoided: {}",
                        at()
                    );
                    assert_eq!(
                        exercise.item_bits() & !input.items,
                        0,
                        "{slug} needs more: {}",
                        at()
                    );
                    assert!(
                        exercise.level <= input.level,
                        "{slug} is too hard: {}",
                        at()
                    );
                }
                history::hold(input, prescription, (number, deload), &at());
                for set in prescription.sets.iter().filter(|set| set.is_work()) {
                    let Some(load) = set.load.filter(|load| load.kind == LoadKind::Rir) else {
                        continue;
                    };
                    let rir = load.value.thousandths();
                    assert!(
                        !(deload || easy) || rir >= 4_000,
                        "{slug} is hard: {}",
                        at()
                    );
                    if set.kind == Some(SetKind::Backoff) {
                        continue;
                    }
                    let key = (name.to_owned(), slug.to_owned());
                    let now = (sets(prescription), rir);
                    if let Some(before) = former.insert(key, now) {
                        let rises = deload || (now.1 <= before.1 && now.0 >= before.0);
                        assert!(rises, "{slug} from {before:?} to {now:?}: {}", at());
                        let halved = !deload || now.0 <= before.0.div_ceil(2);
                        assert!(halved, "{slug} from {before:?} to {now:?}: {}", at());
                    }
                }
            }
            let seconds = if is_easy_day(session) {
                session_s(session) - 360
            } else {
                session_s(session)
            };
            assert!(
                seconds <= input.session_minutes * 60,
                "{seconds} s: {}",
                at()
            );
            let said = u32::from(session.minutes.unwrap_or(0));
            assert!(
                said <= input.session_minutes && said > 0,
                "{said} minutes: {}",
                at()
            );
            for (group, half_sets) in volume(prescriptions(session)) {
                assert!(
                    half_sets <= 20,
                    "{half_sets} half sets of {group}: {}",
                    at()
                );
            }
        }
        let week = volume(sessions.iter().flat_map(|session| prescriptions(session)));
        for (group, half_sets) in &week {
            assert!(
                *half_sets <= 40,
                "{half_sets} half sets of {group}: {}",
                at()
            );
        }
        if input.days_per_week >= 2 && !deload {
            for group in policy::MAJOR {
                let times = sessions.iter().filter(|session| {
                    volume(prescriptions(session))
                        .get(group.name())
                        .is_some_and(|sets| *sets >= 2)
                });
                let mut gaps = plan.generation.gaps.iter();
                let told = gaps.any(|gap| {
                    gap.kind == "frequency" && gap.muscle.as_deref() == Some(group.name())
                });
                assert_eq!(
                    times.count() < 2 && number == 0,
                    told && number == 0,
                    "{}: {}",
                    group.name(),
                    at()
                );
            }
        }
    }
    let blocking = plan
        .generation
        .warnings
        .iter()
        .any(|warning| warning.blocking);
    let unheeded = plan.generation.warnings.iter();
    let unheeded = unheeded.filter(|warning| warning.code == "pain_unheeded");
    assert_eq!(blocking, easy || unheeded.count() > 0, "{}", named());
    let status = if plan.generation.gaps.is_empty() {
        "generated"
    } else {
        "generated_with_gaps"
    };
    assert_eq!(plan.generation.status, status);
}

#[test]
fn every_plan_of_the_whole_space_keeps_the_rules_and_is_the_same_the_second_time() {
    in_parallel(|input| {
        let plan = generate(input).expect("nothing in the space is contradictory");
        hold(input, &plan);

        let again = generate(input).expect("a plan");

        assert!(plan == again, "{input:?}");
        // Equal values are equal bytes; one in seven is looked at, since bytes take longer.
        if (plan.generation.reasons.len() + plan.generation.gaps.len()).is_multiple_of(7) {
            assert!(bytes(&plan) == bytes(&again), "{input:?}");
        }
        // One in twelve is made with a history too, of a kind that its hash chooses.
        let hash = u32::from_str_radix(&plan.generation.input_hash[..8], 16).expect("a hash");
        if hash.is_multiple_of(12) {
            let known = history::sample(input, hash / 12);
            let plan = generate(&known).expect("no default makes a plan impossible");
            hold(&known, &plan);
            let again = generate(&known).expect("a plan");
            assert!(bytes(&plan) == bytes(&again), "{known:?}");
        }
    });
}

fn bytes(plan: &Plan) -> Vec<u8> {
    let parts = (&plan.name, &plan.notes, &plan.blocks, &plan.generation);
    serde_json::to_vec(&parts).expect("a plan is JSON")
}

#[test]
fn every_length_of_session_fits() {
    for (_, goal) in Goal::CHOICES {
        for (_, level) in Level::CHOICES {
            for days in 1..=6 {
                for minutes in (20..=120).step_by(5) {
                    let mut input = input(*goal, *level, days, Profile::FullGym, &[]);
                    input.session_minutes = minutes;
                    hold(&input, &generate(&input).expect("a plan"));
                }
            }
        }
    }
}

/// What is lifted or done in a plan.
fn used(plan: &Plan) -> BTreeSet<&str> {
    let sessions = plan.blocks.iter().flat_map(|block| &block.sessions);
    sessions
        .flat_map(prescriptions)
        .map(|p| p.exercise.as_str())
        .collect()
}

#[test]
fn each_limitation_changes_a_plan_for_the_full_gym() {
    let mut same = Vec::new();
    for (goal_name, goal) in Goal::CHOICES {
        for (level_name, level) in Level::CHOICES {
            for days in 1..=6 {
                let free =
                    generate(&input(*goal, *level, days, Profile::FullGym, &[])).expect("a plan");
                for (name, limitation) in Limitation::CHOICES {
                    let with = input(*goal, *level, days, Profile::FullGym, &[*limitation]);
                    let with = generate(&with).expect("a plan");
                    if used(&with) == used(&free) {
                        same.push(format!("{goal_name} {level_name} {days} {name}"));
                    }
                }
            }
        }
    }
    assert!(same.is_empty(), "{}\n{}", same.len(), same.join("\n"));
}

#[test]
fn several_limitations_at_once_leave_a_plan() {
    let all: Vec<Limitation> = Limitation::CHOICES
        .iter()
        .map(|(_, limitation)| *limitation)
        .collect();
    for (_, profile) in Profile::CHOICES {
        for (at, first) in all.iter().enumerate() {
            for second in &all[at..] {
                let input = input(
                    Goal::General,
                    Level::Intermediate,
                    3,
                    *profile,
                    &[*first, *second],
                );
                if let Ok(plan) = generate(&input) {
                    hold(&input, &plan);
                } else {
                    assert_ne!(*profile, Profile::FullGym, "{first:?} {second:?}");
                }
            }
        }
        let input = input(Goal::General, Level::Advanced, 4, Profile::FullGym, &all);
        hold(
            &input,
            &generate(&input).expect("a full gym has something for everybody"),
        );
    }
}

#[test]
fn locked_and_excluded_exercises_are_heeded_or_refused_by_name() {
    let mut input = Input::new(Goal::Strength);
    input.locked = vec!["sled-push".to_owned(), "farmer-carry".to_owned()];
    input.excluded = vec!["back-squat".to_owned(), "barbell-bench-press".to_owned()];

    let plan = generate(&input).expect("a plan");
    hold(&input, &plan);

    let used = used(&plan);
    assert!(
        used.contains("sled-push") && used.contains("farmer-carry"),
        "{used:?}"
    );
    assert!(!used.contains("back-squat") && !used.contains("barbell-bench-press"));

    let refused = |change: &dyn Fn(&mut Input)| {
        let mut input = Input::new(Goal::General);
        change(&mut input);
        let refusal = generate(&input).expect_err("a contradiction");
        (refusal.constraint, refusal.message)
    };
    let both = refused(&|input| {
        input.locked = vec!["plank".to_owned()];
        input.excluded = input.locked.clone();
    });
    assert_eq!(both.0, "locked_exercises");
    let tagged = refused(&|input| {
        input.locked = vec!["back-squat".to_owned()];
        input.limitations = vec![Limitation::Knee];
    });
    assert!(tagged.1.contains("limitations"), "{tagged:?}");
    let missing = refused(&|input| {
        input.locked = vec!["back-squat".to_owned()];
        input.items = 0;
    });
    assert!(missing.1.contains("barbell"), "{missing:?}");
    let nothing = refused(&|input| {
        let all = Catalogue::embedded().exercises.iter();
        input.excluded = all.map(|exercise| exercise.slug.clone()).collect();
    });
    assert_eq!(nothing.0, "excluded_exercises");
    let long = refused(&|input| {
        let many = [
            "back-squat",
            "romanian-deadlift",
            "barbell-row",
            "pull-up",
            "plank",
            "barbell-curl",
            "cable-fly",
            "leg-press",
        ];
        input.locked = many.map(str::to_owned).to_vec();
        input.days_per_week = 1;
        input.session_minutes = 20;
    });
    assert_eq!(long.0, "session_minutes");
}

#[test]
fn an_unknown_maximum_is_looked_for_and_a_known_one_is_used() {
    let plan = generate(&Input::new(Goal::Strength)).expect("a plan");
    let first = &plan.blocks[0].sessions[0];
    let squat = prescriptions(first)
        .find(|p| p.exercise == "back-squat")
        .expect("a squat");
    assert!(
        squat
            .notes
            .as_deref()
            .unwrap_or_default()
            .contains("find a load for RPE 7")
    );
    let loads = plan
        .blocks
        .iter()
        .flat_map(|block| &block.sessions)
        .flat_map(prescriptions);
    let loads = loads.flat_map(|p| &p.sets).filter_map(|set| set.load);
    assert!(
        loads
            .into_iter()
            .all(|load| load.kind != LoadKind::Absolute),
        "a weight was invented"
    );

    let mut input = Input::new(Goal::Strength);
    let maximum = Maximum {
        value: 140_000,
        achieved_on: history::day("2026-05-20"),
    };
    let maxima = &mut input.history.maxima;
    maxima.insert("back-squat".to_owned(), maximum);
    let plan = generate(&input).expect("a plan");
    let first = &plan.blocks[0].sessions[0];
    let squat = prescriptions(first)
        .find(|p| p.exercise == "back-squat")
        .expect("a squat");
    let load = squat.sets[0].load.expect("a load");
    assert_eq!(
        (load.kind, load.value.thousandths()),
        (LoadKind::Percent1rm, 75_000)
    );
}

/// A plan as a coach would write it down.
fn rendered(plan: &Plan) -> String {
    let mut text = String::new();
    let generation = &plan.generation;
    let _ = writeln!(text, "{}\n{}\n", plan.name, plan.notes);
    let _ = writeln!(
        text,
        "status {} · policy {} {}",
        generation.status, generation.policy.id, generation.policy.version
    );
    for block in &plan.blocks {
        let _ = writeln!(
            text,
            "\n== {} ({} weeks)",
            block.name.as_deref().unwrap_or(""),
            block.weeks()
        );
        let last = block.weeks();
        for (_, place) in block.week(1) {
            let first = &block.sessions[place];
            let hardest = block
                .sessions
                .iter()
                .find(|s| s.week == Some(last) && s.name == first.name);
            let hardest = hardest.unwrap_or(first);
            let _ = writeln!(
                text,
                "\n-- day {}: {} ({} to {} minutes)",
                first.day.unwrap_or(0),
                first.name.as_deref().unwrap_or(""),
                first.minutes.unwrap_or(0),
                hardest.minutes.unwrap_or(0)
            );
            for (group, later) in first.groups.iter().zip(&hardest.groups) {
                let kind = group.kind.filter(|kind| *kind != GroupKind::Straight);
                if let Some(kind) = kind {
                    let _ = writeln!(text, "   {}:", kind.name());
                }
                for (now, then) in group.prescriptions.iter().zip(&later.prescriptions) {
                    let (now_work, then_work) = (work(now), work(then));
                    let _ = write!(text, "   {:<34}{now_work}", now.exercise);
                    let later = if now_work == then_work {
                        String::new()
                    } else {
                        format!(" → {then_work}")
                    };
                    let _ = writeln!(text, "{later}");
                }
            }
        }
    }
    let _ = writeln!(
        text,
        "\n== weekly sets: aimed at, planned (first and hardest week)"
    );
    for volume in &generation.volume {
        let [first, hardest] = volume.target;
        let [now, then] = volume.planned;
        let _ = writeln!(
            text,
            "   {:<12}{first:>3} {hardest:>3}   {now:>5} {then:>5}",
            volume.muscle
        );
    }
    let _ = writeln!(text, "\n== gaps");
    for gap in &generation.gaps {
        let _ = writeln!(text, "   {}: {}", gap.kind, gap.message);
    }
    let _ = writeln!(text, "\n== warnings");
    for warning in &generation.warnings {
        let session = warning.session.as_deref().unwrap_or("all");
        let _ = writeln!(text, "   {} ({session}): {}", warning.code, warning.message);
    }
    let _ = writeln!(text, "\n== reasons");
    for reason in &generation.reasons {
        let _ = writeln!(
            text,
            "   {} · {}: {}",
            reason.session, reason.exercise, reason.reason
        );
    }
    text
}

fn work(prescription: &Prescription) -> String {
    let set = |set: &SetEntry| {
        let amount = match (set.reps, set.seconds, set.metres) {
            (Some(reps), ..) => format!("{}-{}", reps.min(), reps.max()),
            (_, Some(seconds), _) => format!("{} s", seconds.max()),
            (.., metres) => format!("{} m", metres.map_or(0, Amount::max)),
        };
        let load = set.load.map_or(String::new(), |load| {
            format!(" @ {} {}", load.kind.name(), load.value)
        });
        let kind = set.kind.filter(|kind| *kind != SetKind::Working);
        let kind = kind.map_or(String::new(), |kind| format!("{} ", kind.name()));
        format!("{kind}{}x{amount}{load}", set.count())
    };
    let sets: Vec<String> = prescription.sets.iter().map(set).collect();
    sets.join(", ")
}

/// Twelve plans to be read by a coach, and one more for a client with a history.
/// `CADENCE_TEST_GOLDEN=write` writes them anew.
#[test]
fn thirteen_plans_change_only_on_purpose() {
    use Level::{Advanced, Beginner, Intermediate};
    use Profile::{Bands, Bodyweight, Dumbbells, FullGym, HomeGym, Kettlebells};
    type Case = (
        &'static str,
        Goal,
        Level,
        u32,
        u32,
        Profile,
        &'static [Limitation],
    );
    let cases: [Case; 12] = [
        (
            "hypertrophy-intermediate-3-full-gym",
            Goal::Hypertrophy,
            Intermediate,
            3,
            60,
            FullGym,
            &[],
        ),
        (
            "hypertrophy-advanced-5-full-gym",
            Goal::Hypertrophy,
            Advanced,
            5,
            75,
            FullGym,
            &[],
        ),
        (
            "hypertrophy-advanced-6-home-gym",
            Goal::Hypertrophy,
            Advanced,
            6,
            60,
            HomeGym,
            &[],
        ),
        (
            "hypertrophy-beginner-2-dumbbells",
            Goal::Hypertrophy,
            Beginner,
            2,
            45,
            Dumbbells,
            &[],
        ),
        (
            "strength-intermediate-3-home-gym",
            Goal::Strength,
            Intermediate,
            3,
            75,
            HomeGym,
            &[],
        ),
        (
            "strength-advanced-4-full-gym-shoulder",
            Goal::Strength,
            Advanced,
            4,
            90,
            FullGym,
            &[Limitation::Shoulder],
        ),
        (
            "fat-loss-intermediate-4-full-gym-knee",
            Goal::FatLoss,
            Intermediate,
            4,
            60,
            FullGym,
            &[Limitation::Knee],
        ),
        (
            "fat-loss-beginner-6-bodyweight",
            Goal::FatLoss,
            Beginner,
            6,
            40,
            Bodyweight,
            &[],
        ),
        (
            "endurance-intermediate-3-kettlebells",
            Goal::Endurance,
            Intermediate,
            3,
            60,
            Kettlebells,
            &[],
        ),
        (
            "general-intermediate-1-bands-wrist",
            Goal::General,
            Intermediate,
            1,
            45,
            Bands,
            &[Limitation::Wrist],
        ),
        (
            "general-beginner-2-full-gym-low-back",
            Goal::General,
            Beginner,
            2,
            20,
            FullGym,
            &[Limitation::LowBack],
        ),
        (
            "general-beginner-3-full-gym-needs-clearance",
            Goal::General,
            Beginner,
            3,
            60,
            FullGym,
            &[Limitation::NeedsClearance],
        ),
    ];
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden");
    let write = std::env::var("CADENCE_TEST_GOLDEN").is_ok_and(|value| value == "write");
    let mut names = BTreeSet::new();
    let cases = cases.map(|(name, goal, level, days, minutes, profile, limitations)| {
        let mut input = input(goal, level, days, profile, limitations);
        input.session_minutes = minutes;
        (name, input)
    });
    let known = (
        "strength-intermediate-3-full-gym-history",
        history::golden(),
    );
    for (name, input) in cases.into_iter().chain([known]) {
        let plan = generate(&input).expect("a plan");
        hold(&input, &plan);
        let text = rendered(&plan);
        let path = folder.join(format!("{name}.txt"));
        if write {
            std::fs::write(&path, &text).expect("a writable folder");
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == text, "{name} is now:\n{text}");
        names.insert(format!("{name}.txt"));
    }
    let kept = std::fs::read_dir(&folder).expect("the folder");
    let kept: BTreeSet<String> = kept
        .map(|entry| {
            entry
                .expect("a file")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert_eq!(kept, names);
}

#[test]
fn intervals_are_for_those_who_asked_to_last_longer() {
    let hard = |plan: &Plan| {
        used(plan)
            .iter()
            .any(|slug| exercise(slug).tags.contains(&Tag::Interval))
    };
    for (_, goal) in Goal::CHOICES {
        let plan = generate(&Input::new(*goal)).expect("a plan");
        assert_eq!(hard(&plan), *goal == Goal::Endurance, "{goal:?}");
    }
}
