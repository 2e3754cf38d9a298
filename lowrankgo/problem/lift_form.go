package problem

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/lifted"
)

// ErrorForm returns [G](16) as a form around N* and the rest: of a problem
// inside that is (w/2)(M−M*):H₀:(M−M*) + Q(U, V) it is
//
//	(w/2) (N−N*) : 4H₁ : (N−N*) + 4Q(U, V),  H₁(N) = ½[0, H₀(N₁₂); H₀(N₂₁ᵀ)ᵀ, 0]
//
// nil when the problem inside has no such form. A [Balance] inside is in Q,
// whatever its μ: N:𝒢:N = ‖UᵀU − VᵀV‖² of (16) is not (N−N*):𝒢:(N−N*), it is
// that and 2‖U*ᵀU − V*ᵀV‖².
func (l *lift) ErrorForm() *lr.ErrorForm {
	inside, ok := lr.ErrorFormOf(l.of)
	if !ok || l.truth == nil {
		return nil
	}
	f := &lr.ErrorForm{Form: &liftForm{inside.Form, inside.Form}, Weight: inside.Weight}
	if inside.Q != nil {
		f.Q = &lift{of: inside.Q}
	}
	return f
}

// Curvature returns the second derivative of F(N) = 2f(N₁₂) + 2f(N₂₁ᵀ), which is
// 4H₁ with ∇²f in place of H₀.
func (l *lift) Curvature(n *lr.Factors) (lr.Form, error) {
	d1, _, _ := l.of.Dims()
	left, right := rowsOf(n.U, d1), rowsOf(n.Right(), d1)
	upper, err := lr.CurvatureOf(l.of, &lr.Factors{U: left.U, V: right.V})
	if err != nil {
		return nil, fmt.Errorf("problem: the curvature of a lift: %w", err)
	}
	if n.Symmetric() {
		return &liftForm{upper, upper}, nil
	}
	lower, err := lr.CurvatureOf(l.of, &lr.Factors{U: right.U, V: left.V})
	if err != nil {
		return nil, fmt.Errorf("problem: the curvature of a lift: %w", err)
	}
	return &liftForm{upper, lower}, nil
}

// liftForm is 4H₁ with one form for N₁₂ and one for N₂₁ᵀ.
type liftForm struct{ upper, lower lr.Form }

// Dims returns d1+d2, twice.
func (f *liftForm) Dims() (d1, d2 int) {
	d1, d2 = f.upper.Dims()
	return d1 + d2, d1 + d2
}

func (f *liftForm) String() string { return fmt.Sprintf("4·lift(%v)", f.upper) }

// NewEval returns a workspace: two of the form inside.
func (f *liftForm) NewEval() lr.FormEval {
	d1, d2 := f.upper.Dims()
	return lifted.New(d1, d2, f.upper.NewEval(), f.lower.NewEval(), 4, 0)
}
