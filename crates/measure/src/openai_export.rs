//! Not read yet.

use crate::error::ImportError;
use crate::input::Input;
use crate::intake::Intake;

pub(crate) fn looks_like(_head: &[u8]) -> bool {
    false
}

pub(crate) fn read(_input: Input<'_>, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    Err(ImportError::input(intake.file(), None, "this format is not read yet"))
}
