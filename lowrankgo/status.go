package lowrankgo

// Status says why a run ended. The zero value, Running, means that it has not.
type Status int

const (
	Running           Status = iota // not ended
	GradientConverged               // a rule on the gradient held
	LossConverged                   // a rule on the loss held
	ErrorConverged                  // a rule on the distance to the truth held
	ResidualConverged               // a rule on the residual held
	SparseFull                      // a rule held, but the sparse part fills its budget: see [SparsePart]
	Stalled                         // no progress any more at the precision asked for
	IterationLimit                  // Options.MaxIter
	TimeLimit                       // Options.Time
	Stopped                         // Options.OnRow said so
	Canceled                        // the context ended
	Diverged                        // the loss or a factor stopped being finite
	Failed                          // the method returned an error
)

var statusText = [...]string{
	Running:           "running",
	GradientConverged: "converged (gradient)",
	LossConverged:     "converged (loss)",
	ErrorConverged:    "converged (error)",
	ResidualConverged: "converged (residual)",
	SparseFull:        "sparse part too full",
	Stalled:           "stalled",
	IterationLimit:    "iteration limit",
	TimeLimit:         "time limit",
	Stopped:           "stopped by the caller",
	Canceled:          "canceled",
	Diverged:          "diverged",
	Failed:            "failed",
}

func (s Status) String() string {
	if s < 0 || int(s) >= len(statusText) {
		return "unknown status"
	}
	return statusText[s]
}

// Converged reports whether a rule that asks for accuracy was met.
func (s Status) Converged() bool {
	return s >= GradientConverged && s <= ResidualConverged
}

// Early reports whether the run ended for another reason than convergence.
func (s Status) Early() bool { return s != Running && !s.Converged() }

// Err returns the error that a caller gets beside the partial result: nil
// unless the run was cancelled, diverged or failed.
func (s Status) Err() error {
	switch s {
	case Canceled:
		return ErrCanceled
	case Diverged:
		return ErrDiverged
	case Failed:
		return ErrFailed
	}
	return nil
}
