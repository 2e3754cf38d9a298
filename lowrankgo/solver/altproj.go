package solver

import (
	"context"
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// AltProj splits Data = L + S by alternating projections (Netrapalli, Niranjan,
// Sanghavi, Anandkumar, Jain 2014, NeurIPS, arXiv:1410.7660):
//
//	L⁺ = H_k(Data − S)
//	ζ  = β(σ_{k+1} + ½ᵗ σ_k)                of Data − S
//	S⁺ = T_ζ(Data − L⁺)                     entries above ζ in size, else 0
//
// in stages k = 1 … r, so that large singular values are cleared of outliers
// before small ones are looked for; this is what makes it work for L that is
// ill-conditioned. A stage ends when its second summand is below a tenth of its
// first, or when S is too full; the last one does not end. The first step takes S = T_ζ(Data − X0) for
// ζ = β₀σ₁(Data). For incoherent L and up to α = O(1/r) of each line gross errors
// the error halves with each step of a stage.
//
// H_k is found by subspace iteration, which goes on from step to step. It costs
// about four times as much a step as [AccAltProj], which has no stages, and is
// what that is measured against.
//
// It needs what AccAltProj needs, and ends as that does. The threshold of
// noisy data stays above βσ_{r+1}.
//
// A step is two passes over Data, in tiles, of 2r + 4(r+5) flops an entry each.
// Neither L nor S is stored: beside the data it keeps O((d1+d2)r) numbers, and
// (r+5)d2 for each of up to 64 blocks of rows, together at most an eighth of
// Data. A step allocates nothing.
type AltProj struct {
	// Beta is β > 0. Default 1/(2(d1d2)^¼) + 5/√(d1d2). The theory has
	// 4μ²r/√(d1d2).
	Beta float64
	// BetaInit is β₀ > 0: the first threshold is β₀σ₁(Data). Default: that of
	// [AccAltProj].
	BetaInit float64
	// Decay stands for ½, 0 < Decay < 1. Default ½.
	Decay float64
	// Seed of the sketch. Default 0.
	Seed uint64
}

// Name prints the decay, and what is not the default.
func (a AltProj) Name() string {
	return fmt.Sprintf("AltProj(decay %g%s)", a.decay(), nameBetas(a.Beta, a.BetaInit))
}

func (a AltProj) decay() float64 {
	if a.Decay == 0 {
		return 0.5
	}
	return a.Decay
}

// Start reads the data twice. A problem without Data to split or with one
// factor, data whose squares leave the range of float64, and fields out of
// range are errors.
func (a AltProj) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	if err := checkProjections("AltProj", a.Beta, a.BetaInit, a.Decay); err != nil {
		return nil, err
	}
	d1, d2, r := p.Dims()
	q := min(r+spare, d1, d2)
	common, err := newProjections("AltProj", p, x0, q)
	if err != nil {
		return nil, err
	}
	s := &altprojState{projections: common, rank: r, gamma: a.decay(), seed: a.Seed, decay: 1, basis: make([]float64, q*d2)}
	s.sketch = newSketch(s.sieve, q)
	s.betas = newBetas(a.Beta, a.BetaInit, d1, d2)
	return s, nil
}

type altprojState struct {
	*projections
	rank  int
	betas betas
	gamma float64
	seed  uint64

	sketch *sketch
	basis  []float64 // the sketch's next basis
	stage  int       // k − 1
	decay  float64   // ½ᵗ
}

// State lists what the next step depends on.
func (s *altprojState) State() []any {
	return append(s.saved(), s.sketch.z, s.sketch.g, &s.stage, &s.decay)
}

// Step takes the next L and ζ and reads the data there. It returns ErrNoProgress
// when neither the residual nor the threshold has fallen for 15 steps.
func (s *altprojState) Step(ctx context.Context) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	k, passes := s.sketch, 1
	switch {
	case s.seen.norm == 0:
		s.nothing()
		return nil
	case !s.begun:
		if err := s.first(ctx, k, s.rank, s.betas, s.seed); err != nil {
			return err
		}
	default:
		k.turn()
		k.gram()
		k.decompose()
		s.advance()
		passes++
	}
	k.left(s.u, s.rank)
	k.right(s.basis, k.q)
	copy(s.v, s.basis)
	copy(k.z, s.basis)
	for c := range s.sigma {
		s.sigma[c] = k.value(c)
	}
	s.move(s.stage+1, s.betas.next*(k.value(s.stage+1)+s.decay*k.value(s.stage)))
	k.gram()
	s.settle(passes)
	return nil
}

// advance goes on to the next threshold, or to the next stage where this one has
// done its work or its threshold is too low.
func (s *altprojState) advance() {
	floor, more := s.sketch.value(s.stage+1), s.sketch.value(s.stage)
	if s.stage < s.rank-1 && (s.full() || s.decay*more < 0.1*floor) {
		s.stage++
		s.decay, s.falling = 1, newFall()
		return
	}
	s.decay = s.paced(s.decay, s.gamma)
}
