package lowrankgo

import "errors"

// Errors of this module wrap one of these; errors.Is finds them.
var (
	ErrShape    = errors.New("shapes do not fit")
	ErrRank     = errors.New("rank out of range")
	ErrValue    = errors.New("value out of range")
	ErrEmpty    = errors.New("no data")
	ErrAbility  = errors.New("the problem lacks an ability that is needed")
	ErrCanceled = errors.New("canceled; the result is the last complete point")
	ErrDiverged = errors.New("diverged; the result is the last finite point")
	ErrFailed   = errors.New("the method failed; the result is the last complete point")

	// ErrCheckpoint is wrapped by what goes wrong with a saved run: a file that
	// is no checkpoint, is damaged, is of another problem or method or from a
	// newer library, and a run that cannot be saved.
	ErrCheckpoint = errors.New("no usable checkpoint")

	// ErrNoProgress is returned by Stepper.Step when no step that it may take
	// improves the point any more at working precision. The run then ends
	// with status Stalled, which is not an error.
	ErrNoProgress = errors.New("no progress at working precision")
)
