package problem

import lr "github.com/lowrankgo/lowrank/lowrankgo"

// Whether f, as a function of all d1×d2 matrices, is known to be convex. Terms
// of (U, V) do not count, since they are no functions of the matrix.

// Convex reports whether f is known to be a convex function of all d1×d2
// matrices: it is for least squares, for the losses [OneBit], [Poisson] and
// [Huber], for [General] with a form that says so by a method Semidefinite()
// bool, and where the user of [Function] or [MeasurementLoss] says so. It is not
// for [RobustPCA], a minimum over a set that is not convex.
func (o *Objective) Convex() bool { return o.convex }

// Convex reports whether f of the problem inside is known to be convex. Terms of
// (U, V) do not count; the linear function of [Linear] changes nothing.
func (s *sum) Convex() bool { return lr.ConvexOf(s.of) }

// Convex reports whether all fⱼ are known to be convex functions of their
// blocks.
func (s *blocks) Convex() bool {
	for _, p := range s.parts {
		if !lr.ConvexOf(p) {
			return false
		}
	}
	return true
}

// Convex reports whether F(N) = 2f(N₁₂) + 2f(N₂₁ᵀ) is known to be a convex
// function of all matrices N, which it is when f is one.
func (l *lift) Convex() bool { return lr.ConvexOf(l.of) }

// semidefinite reports whether a form says that it is.
func semidefinite(h lr.Form) bool {
	s, ok := h.(interface{ Semidefinite() bool })
	return ok && s.Semidefinite()
}
