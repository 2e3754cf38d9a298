package landscape

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/lifted"
)

// LiftForm returns H₁ of [G] Def 7 (arXiv:1704.00708), the form on
// (d1+d2)×(d1+d2) matrices that a form H₀ on d1×d2 matrices becomes,
//
//	H₁(N) = ½ [0, H₀(N₁₂); H₀(N₂₁ᵀ)ᵀ, 0],  N : H₁ : N = M : H₀ : M
//
// for N = WWᵀ, W = [U; V] and M = UVᵀ. The paper's identity alone leaves H₁ open;
// this is the self-adjoint one that treats both blocks alike. An application
// costs two of H₀. A form that is nil or has no size is an error.
func LiftForm(h lr.Form) (lr.Form, error) { return newLiftForm(h, 1, 0) }

// BalanceForm returns 𝒢 of [G] Def 7, the form of the balancing regulariser,
//
//	𝒢(N) = J N J,  J = diag(I, −I),  N : 𝒢 : N = ‖UᵀU − VᵀV‖F²
//
// It keeps the diagonal blocks and flips the sign of the others. An application
// to k columns costs 4(d1+d2)k² flops. Sizes below 1 are an error.
func BalanceForm(d1, d2 int) (lr.Form, error) {
	if d1 < 1 || d2 < 1 {
		return nil, fmt.Errorf("landscape: BalanceForm is asked for blocks of %d and %d rows; both must be at least 1: %w", d1, d2, lr.ErrShape)
	}
	return &liftForm{name: "𝒢", d1: d1, d2: d2, second: 1}, nil
}

// LiftedForm returns the H of [G] Lemma 16,
//
//	H = 4H₁ + 𝒢,  N : H : N = ‖N‖F² + 4(M : H₀ : M − ‖M‖F²)
//
// with N and M as in [LiftForm]; the identity holds for every symmetric N with
// M = N₁₂. It preserves norms where H₀ does, which 4H₁ alone does not. A form that is
// nil or has no size is an error.
func LiftedForm(h lr.Form) (lr.Form, error) { return newLiftForm(h, 4, 1) }

// newLiftForm is first·H1 + second·𝒢.
func newLiftForm(h lr.Form, first, second float64) (lr.Form, error) {
	if err := lr.CheckForm(h); err != nil {
		return nil, fmt.Errorf("landscape: the form to be lifted: %w", err)
	}
	d1, d2 := h.Dims()
	name := fmt.Sprintf("lift(%v)", h)
	if second != 0 {
		name = fmt.Sprintf("%g·%s + %g·𝒢", first, name, second)
	}
	return &liftForm{name, d1, d2, h, first, second}, nil
}

// liftForm is first·H1 + second·𝒢.
type liftForm struct {
	name          string
	d1, d2        int
	h             lr.Form // nil when first is 0
	first, second float64
}

func (f *liftForm) Dims() (d1, d2 int) { return f.d1 + f.d2, f.d1 + f.d2 }

func (f *liftForm) String() string { return f.name }

func (f *liftForm) NewEval() lr.FormEval {
	if f.first == 0 {
		return lifted.New(f.d1, f.d2, nil, nil, 0, f.second)
	}
	return lifted.New(f.d1, f.d2, f.h.NewEval(), f.h.NewEval(), f.first, f.second)
}
