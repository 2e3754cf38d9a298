package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// SwapSaddle is a critical point of ½‖UUᵀ − A‖² that has the eigenpair In of A,
// or a column of 0 when In is −1, in place of the larger Out, counted from 0.
type SwapSaddle struct {
	Out, In int
	U       *mat.Dense // d×r, columns √λᵢ·qᵢ
	// LambdaMin is the smallest Hessian eigenvalue in closed form,
	//
	//	−2(λ_out − λ_in)   of ½‖UUᵀ − A‖²
	//
	// and twice that, −4(λ_out − λ_in), of the lemma's own ‖UUᵀ − A‖². The
	// direction is q_out·cᵀ with c the column of In.
	LambdaMin float64
	Direction *mat.Dense // unit, d×r
	// Rayleigh is the Hessian along Direction, evaluated: equal to LambdaMin.
	Rayleigh Check
}

// SwapSaddles returns the critical points of ½‖UUᵀ − A‖² that differ from the
// minimum by one eigenpair: one of the r largest left out for one of the others,
// or for a column of 0, the shallowest saddle first. A is symmetric, with positive eigenvalues
// λ₁ ≥ … as far as they are used.
//
// All are strict saddles as soon as λ_out > λ_in, whatever the gap: of all
// critical points that are no minimum the shallowest is the swap of λᵣ for
// λᵣ₊₁, where λmin = −2(λᵣ − λᵣ₊₁). So a gap ratio λᵣ/λᵣ₊₁ of just above 1 is
// enough for [G] Lemma 13, arXiv:1704.00708, of whose 15 the proof needs 7.24;
// the ratio scales the γ of the strict saddle property and nothing else.
//
// Pairs whose λ_out ≤ λ_in, to 1e-12 of λ₁, are no saddles and are left out, as
// are those whose λ_in is not positive; with a column of 0 LambdaMin is −2λ_out.
//
// It costs an eigendecomposition and r(d−r) factors of d×r. A rank outside
// 1 … d, and an A that [FactorisationIdentity] refuses, are errors.
func SwapSaddles(a mat.Matrix, r int) ([]SwapSaddle, error) {
	s, err := symmetricCopy(a)
	if err != nil {
		return nil, err
	}
	d, _ := s.Dims()
	if r < 1 || r > d {
		return nil, fmt.Errorf("landscape: saddles of rank %d of a %d×%d matrix are asked for; 1 ≤ rank ≤ %d is wanted: %w", r, d, d, d, lr.ErrRank)
	}
	values, vectors, err := eigen(s)
	if err != nil {
		return nil, err
	}
	var all []SwapSaddle
	for in := r; in <= d; in++ {
		for out := r - 1; out >= 0; out-- {
			if swap, ok := newSwap(s, values, vectors, r, out, in); ok {
				all = append(all, swap)
			}
		}
		if in == d || !(values[in] > 0) {
			break // the rest would put a column of 0, as this one does
		}
	}
	sortShallowFirst(all)
	return all, nil
}

// newSwap makes the saddle without the pair out, or reports that there is none.
// in may be d, for a column of 0.
func newSwap(a *mat.Dense, values []float64, vectors *mat.Dense, r, out, in int) (SwapSaddle, bool) {
	lambda := 0.0
	if in < len(values) && values[in] > 0 {
		lambda = values[in]
	} else {
		in = -1
	}
	if !(values[out]-lambda > 1e-12*values[0]) {
		return SwapSaddle{}, false
	}
	chosen := upTo(r)
	u := topPairs(values, vectors, chosen, r)
	for i := range u.RawMatrix().Rows {
		v := 0.0
		if in >= 0 {
			v = math.Sqrt(lambda) * vectors.At(i, in)
		}
		u.Set(i, out, v)
	}
	swap := SwapSaddle{Out: out, In: in, U: u, LambdaMin: -2 * (values[out] - lambda)}
	swap.Direction = mat.NewDense(len(values), r, nil)
	for i := range len(values) {
		swap.Direction.Set(i, out, vectors.At(i, out))
	}
	swap.Rayleigh = Check{
		Item: "[G] Lemma 13", Claim: "⟨v, ∇²f v⟩ = −2(λ_out − λ_in), f = ½‖UUᵀ − A‖²",
		Left: factorisationCurvature(a, u, swap.Direction), Right: swap.LambdaMin, Scale: 2*(values[out]+lambda) + 2*values[0],
	}
	return swap, true
}

// factorisationCurvature is D:∇²f:D = ‖DUᵀ + UDᵀ‖² + 2⟨(UUᵀ − A)D, D⟩.
func factorisationCurvature(a, u, d *mat.Dense) float64 {
	var turn, res, rd mat.Dense
	turn.Mul(d, u.T())
	turn.Add(&turn, mat.DenseCopyOf(turn.T()))
	res.Mul(u, u.T())
	res.Sub(&res, a)
	rd.Mul(&res, d)
	return sqNorm(&turn) + 2*linalg.Dot(&rd, d)
}

func sortShallowFirst(all []SwapSaddle) {
	for i := range all { // by insertion, stable
		for j := i; j > 0 && all[j].LambdaMin > all[j-1].LambdaMin; j-- {
			all[j], all[j-1] = all[j-1], all[j]
		}
	}
}
