package lowrankgo

import "math"

// Stop is a rule that ends a run: it looks at the trace and returns why the
// run should end, or Running. A Stop is pure: the same trace, the same answer.
type Stop func(*Trace) Status

// Any ends when the first of its rules does.
func Any(rules ...Stop) Stop {
	return func(t *Trace) Status {
		for _, rule := range rules {
			if s := rule(t); s != Running {
				return s
			}
		}
		return Running
	}
}

// All ends when every one of its rules does, with the status of the last.
// Without rules it never ends.
func All(rules ...Stop) Stop {
	return func(t *Trace) Status {
		s := Running
		for _, rule := range rules {
			if s = rule(t); s == Running {
				return Running
			}
		}
		return s
	}
}

// GradBelow ends when ‖∇f‖F ≤ eps.
func GradBelow(eps float64) Stop {
	return below(GradientConverged, eps, func(r Row) float64 { return r.GradNorm })
}

// GradReduced ends when ‖∇f‖F ≤ factor times its largest value in the trace.
// It does not depend on the scale of the data, and a start beside a saddle or
// on one does not end it: while every gradient was 0, nothing was reduced.
func GradReduced(factor float64) Stop {
	return func(t *Trace) Status {
		if len(t.Rows) == 0 {
			return Running
		}
		if largest := t.largestGrad(); largest > 0 && t.Last().GradNorm <= factor*largest {
			return GradientConverged
		}
		return Running
	}
}

// LossBelow ends when the objective is ≤ eps.
func LossBelow(eps float64) Stop {
	return below(LossConverged, eps, func(r Row) float64 { return r.Loss })
}

// RelErrBelow ends when ‖M−M*‖F/‖M*‖F ≤ eps. It never ends where the truth is
// not known.
func RelErrBelow(eps float64) Stop {
	return below(ErrorConverged, eps, func(r Row) float64 { return r.RelErr })
}

// SqErrBelow ends when ‖M−M*‖F² ≤ eps. It never ends where the truth is not
// known.
func SqErrBelow(eps float64) Stop {
	return below(ErrorConverged, eps, func(r Row) float64 { return r.SqErr })
}

// ResidualBelow ends when the residual ‖M+S−Data‖F/‖Data‖F of a method that
// splits data into a low-rank and a sparse part is ≤ eps. It never ends other
// methods.
func ResidualBelow(eps float64) Stop {
	return below(ResidualConverged, eps, func(r Row) float64 { return r.Residual })
}

func below(s Status, eps float64, value func(Row) float64) Stop {
	return func(t *Trace) Status {
		if len(t.Rows) > 0 && value(t.Last()) <= eps { // false for NaN
			return s
		}
		return Running
	}
}

// StalledFor ends when the loss has not fallen by more than the fraction rel
// over the last rows rows of the trace.
func StalledFor(rows int, rel float64) Stop {
	return func(t *Trace) Status {
		n := len(t.Rows)
		if rows < 1 || n <= rows {
			return Running
		}
		before, now := t.Rows[n-1-rows].Loss, t.Rows[n-1].Loss
		if before-now <= rel*math.Abs(before) {
			return Stalled
		}
		return Running
	}
}
