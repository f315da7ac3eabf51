//! Making a plan small: events are left out as long as the same promise is broken without them.

use crate::{
    plan::{Plan, Planned},
    run::{play, shown},
};

/// So many plays are spent on it, at most.
const PLAYS: u32 = 300;

/// Prints the small plan of a seed that broke a promise, and the command that plays it again.
pub fn tell(plan: &Plan, broken: &[String]) {
    let seed = plan.seed;
    let promise = broken.first().map_or("", |what| promise_of(what));
    let kept = made_small(plan, promise);
    let small = plan.only(&kept);
    println!("\nseed {seed}, made small ({} of {} events):", small.events.len(), plan.events.len());
    for planned in &small.events {
        println!("  {planned}");
    }
    println!("  {}", shown(&play(&small).broken));
    let numbers: Vec<String> = kept.iter().map(usize::to_string).collect();
    let on_disk = if plan.on_disk { " --on-disk" } else { "" };
    println!("  Again: cargo simulate --seed {seed} --only {}{on_disk}", numbers.join(","));
}

/// What stands before the colon is the promise.
fn promise_of(broken: &str) -> &str {
    broken.split_once(": ").map_or(broken, |(promise, _)| promise)
}

fn made_small(plan: &Plan, promise: &str) -> Vec<usize> {
    let mut kept: Vec<usize> = plan.events.iter().map(numbered).collect();
    let (mut plays, mut size) = (0, kept.len().div_ceil(2));
    while size > 0 && plays < PLAYS {
        let mut from = 0;
        let mut left_out = false;
        while from < kept.len() && plays < PLAYS {
            let to = (from + size).min(kept.len());
            let fewer: Vec<usize> = [&kept[..from], &kept[to..]].concat();
            plays += 1;
            if play(&plan.only(&fewer)).broken.iter().any(|what| promise_of(what) == promise) {
                kept = fewer;
                left_out = true;
            } else {
                from = to;
            }
        }
        // Once nothing more of this size can go, smaller pieces are tried.
        if !left_out || size > 1 {
            size = if size == 1 { 0 } else { size / 2 };
        }
    }
    kept
}

fn numbered(planned: &Planned) -> usize {
    planned.number
}
