package theory

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

func factorisationItems() []Item {
	return []Item{
		{
			Name: "[G] Lemma 13", Statement: "f = ½‖UUᵀ − A‖²: Δ:∇²f:Δ = ‖ΔΔᵀ‖² − 3‖UUᵀ−P_r(A)‖² + 4⟨∇f,Δ⟩ + 6⟨ΔΔᵀ, A−P_r(A)⟩; all but the gradient double without the ½",
			Functions: []string{"landscape.FactorisationIdentity"},
			Tests:     []string{"landscape.TestFactorisationIdentityVectors", "landscape.TestFactorisationIdentity", "landscape.TestFactorisationBoundNeverViolated"},
			Measure:   measureFactorisation,
		}, {
			Name: "[G] Lemma 13, gap", Statement: "σᵣ(A) ≥ 15σᵣ₊₁(A) ⇒ all local minima are P_r(A); the proof needs 7.24, the saddles σᵣ > σᵣ₊₁: λmin = −2(λ_out − λ_in) of f, twice that without the ½",
			Functions:  []string{"landscape.SwapSaddles"},
			Tests:      []string{"landscape.TestSwapSaddlesVectors", "landscape.TestSwapSaddles", "landscape.TestNoGapNeeded"},
			Hypotheses: "A symmetric; positive semidefinite in the lemma, and not needed", Measure: measureGap,
		},
	}
}

// symmetricOf draws A = GGᵀ, less a symmetric matrix in every other instance.
func symmetricOf(seed uint64, d int, indefinite bool) *mat.Dense {
	rng := lr.Stream(seed, "symmetric")
	g, a := lr.NormalMatrix(rng, d, d), mat.NewDense(d, d, nil)
	a.Mul(g, g.T())
	if indefinite {
		n := lr.NormalMatrix(rng, d, d)
		n.Scale(math.Sqrt(float64(d)), n)
		a.Sub(a, n)
		a.Sub(a, n.T())
	}
	return a
}

func measureFactorisation(ctx context.Context, e Effort) (Measurement, error) {
	n := e.instances(4000)
	m := NewMeasurement(n)
	m.Residual = 0
	positive, wide := 0, 0
	for i := range n {
		if err := ctx.Err(); err != nil {
			return m, err
		}
		seed := e.Seed + uint64(i)
		d := 2 + i%19
		u := lr.NormalMatrix(lr.Stream(seed, "factor"), d, 1+i%d)
		u.Scale(math.Pow(10, float64(i%5-2)), u)
		t, err := landscape.FactorisationIdentity(symmetricOf(seed, d, i%2 == 1), u)
		if err != nil {
			return m, err
		}
		m.Residual = math.Max(m.Residual, math.Max(t.Identity.Residual(), t.NoHalf.Residual()))
		if !t.Bound.Holds(1e-10) {
			m.Violations++
		}
		if t.Conclusion[0].Holds == landscape.Yes {
			positive++
		}
		if t.GapRatio >= landscape.PrintedGapRatio {
			wide++
		}
	}
	m.Met = fmt.Sprintf("none is needed; A positive in %d of %d, gap ratio ≥ 15 in %d", positive, n, wide)
	m.Note = "with Δ:∇²f:Δ ≤ −[2(√2−1)λᵣ − 6λᵣ₊₁]‖Δ‖² + 4⟨∇f,Δ⟩, also without hypotheses"
	return m, nil
}

// measureGap evaluates the saddles at gap ratios from 1.01 to 15, and runs a
// method at each from random starts.
func measureGap(ctx context.Context, e Effort) (Measurement, error) {
	gaps := []float64{1.01, 1.11, 2, landscape.ProofGapRatio, landscape.PrintedGapRatio}
	starts := e.instances(200)
	m := NewMeasurement(len(gaps) * starts)
	m.Residual = 0
	ends, least := 0, math.Inf(1) // the least gap from which on all end at P_r(A)
	for g := len(gaps) - 1; g >= 0; g-- {
		at, err := gapEnds(ctx, e, gaps[g], starts, &m)
		if err != nil {
			return m, err
		}
		ends += at
		if at == starts && (g == len(gaps)-1 || least == gaps[g+1]) {
			least = gaps[g]
		}
	}
	p, err := landscape.NewProportion(ends, len(gaps)*starts, 0)
	m.Proportion = &p
	m.Constant = &Constant{Name: "least gap ratio tried from which on all runs end at P_r(A); 15 printed, 7.24 in the proof", Value: least, Low: gaps[0], High: gaps[len(gaps)-1]}
	m.Met = "A positive semidefinite: all"
	m.Note = "λmin of the shallowest saddle at ratio 1.11, λᵣ₊₁ = 1: −0.22, and −0.44 without the ½"
	return m, err
}

// gapEnds counts the starts that end at P_r(A) for a spectrum with the gap ratio,
// and holds the saddles against their closed form.
func gapEnds(ctx context.Context, e Effort, gap float64, starts int, m *Measurement) (ends int, err error) {
	const d, r = 10, 3
	a := mat.NewDense(d, d, nil)
	for i := range d {
		v := 1 - float64(i-r)/d
		if i < r {
			v = gap * (1 + 0.2*float64(r-1-i))
		}
		a.Set(i, i, v)
	}
	swaps, err := landscape.SwapSaddles(a, r)
	if err != nil {
		return 0, err
	}
	for _, s := range swaps {
		m.Residual = math.Max(m.Residual, s.Rayleigh.Residual())
	}
	m.Residual = math.Max(m.Residual, math.Abs(swaps[0].LambdaMin+2*(gap-1))/gap)
	p, err := problem.Factorisation{A: a, Rank: r, Symmetric: true}.New()
	if err != nil {
		return 0, err
	}
	for k := range starts {
		x, err := lbfgsEnd(ctx, p, normalPoint(lr.Stream(e.Seed, "gap", uint64(k)), p, 1), 5000)
		if err != nil {
			return 0, err
		}
		if lr.RelErr(x, p.Truth()) < 1e-4 {
			ends++
		}
	}
	return ends, nil
}
