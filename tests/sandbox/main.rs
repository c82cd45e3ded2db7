//! The sandbox: what the component may ask for, what a guest can reach, what happens when one misbehaves.

#[path = "../support/component.rs"]
mod component;

mod building;
mod contract;
mod frozen;
mod fuzz;
mod hostile;
mod limits;
mod probe;
mod reach;
mod sections;
mod size;
