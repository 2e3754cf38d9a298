package solver

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
)

// AccAltProj splits Data = L + S by accelerated alternating projections (Cai,
// Cai, Wei 2019, JMLR 20(20), arXiv:1711.05519): the fastest way here to robust
// PCA of data that fit into memory.
//
//	S_k     = T_ζ(Data − L_k)               entries above ζ_k in size, else 0
//	L_{k+1} = H_r(P_T(Data − S_k))          T the tangent space of rank-r matrices at L_k
//	ζ_{k+1} = β(σ_{r+1} + γᵏ⁺¹ σ₁)          of the projected matrix
//
// P_T(R) = UUᵀR + RVVᵀ − UUᵀRVVᵀ has rank 2r, so that its truncation H_r costs a
// singular value decomposition of 2r×2r numbers instead of a large one. The
// first step takes S = T_ζ(Data − X0) for ζ = β₀σ₁(Data) and truncates Data − S
// in full, by subspace iteration from a random sketch, which with initial.Zero is
// the start of the paper. For incoherent L of condition number κ and up to
// α = O(1/(r²κ²)) of each line gross errors the error falls by γ each step; in
// practice far more of them are borne, with γ nearer to 1.
//
// It needs lowrankgo.SplitOf with Data, and two factors. A missing entry, NaN,
// counts as an outlier whose place is known. Of the problem's set it uses γα
// alone (its slack γ is not the decay here): when a quarter more entries than it
// allows are beyond ζ, the last lowering of ζ is taken back, since it would only
// sort noise into S. Cap and
// Weight have no part.
//
// The objective is not known to it: Loss and GradNorm are NaN, Step of a row is
// ζ, Evals counts passes over the data, and the residual ‖Data − L − S‖/‖Data‖
// ends a run (1e-7 by default; the paper's tables stop at 1e-5). Where that
// cannot be reached, because there is noise, α or the rank is too small, or too
// much is corrupted, neither it nor ζ falls any more: after 15 such steps it
// ends as stalled.
//
// A step is one pass over Data, in tiles: 6r·d1·d2 flops; with the QR and small
// products, O((d1+d2)r² + r³) more. The first step costs four to six passes, all
// but one with r+5 columns. Neither L nor S is stored: beside the data it keeps
// O((d1+d2)r) numbers, and (r+5)d2 for each of up to 64 blocks of rows, together
// at most an eighth of Data. A step allocates nothing after the first.
type AccAltProj struct {
	// Beta is β > 0. Default 1/(2(d1d2)^¼) + 5/√(d1d2). The first is that of the
	// authors' program; the theory's μr/(2√(d1d2)), of which the second has the
	// form, is more for small matrices.
	Beta float64
	// BetaInit is β₀ > 0: the first threshold is β₀σ₁(Data). Default: that of 4β,
	// as in the authors' program, or less where gross errors show: of a sample
	// of |Data − X0| without its share γα of largest entries, 6 times the median
	// or, if that is more, the largest.
	BetaInit float64
	// Decay is γ, 0 < γ < 1: how fast ζ falls. Nearer to 1 is slower and bears
	// more outliers, a higher rank and less incoherence. Default 0.7.
	Decay float64
	// Incoherence is μ of M* (lowrankgo.Factors is μ-incoherent when no row of
	// its singular vectors is longer than √(μr/d)) and trims longer rows
	// before the tangent space is taken, as the proof asks. Default 0: none.
	Incoherence float64
	// Seed of the sketch. Default 0.
	Seed uint64
}

// Name prints the decay, and what is not the default.
func (a AccAltProj) Name() string {
	s := fmt.Sprintf("AccAltProj(decay %g", a.decay())
	s += nameBetas(a.Beta, a.BetaInit)
	if a.Incoherence != 0 {
		s += fmt.Sprintf(", μ = %g", a.Incoherence)
	}
	return s + ")"
}

func (a AccAltProj) decay() float64 {
	if a.Decay == 0 {
		return 0.7
	}
	return a.Decay
}

func (a AccAltProj) check() error {
	if !(a.Incoherence == 0 || a.Incoherence >= 1) || !finite(a.Incoherence) {
		return fmt.Errorf("solver: AccAltProj has Incoherence = %v; μ is at least 1, and 0 means that nothing is trimmed: %w", a.Incoherence, lr.ErrValue)
	}
	return checkProjections("AccAltProj", a.Beta, a.BetaInit, a.Decay)
}

// Start reads the data twice. A problem without Data to split or with one
// factor, data whose squares leave the range of float64, and fields out of
// range are errors.
func (a AccAltProj) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	d1, d2, r := p.Dims()
	common, err := newProjections("AccAltProj", p, x0, min(r+spare, d1, d2))
	if err != nil {
		return nil, err
	}
	s := &accState{
		projections: common, rank: r, gamma: a.decay(), mu: a.Incoherence, seed: a.Seed, decay: 1,
		left: make([]float64, 2*r*d1), right: make([]float64, 2*r*d2),
		t1: make([]float64, 4*r*r), t2: make([]float64, 4*r*r), svd: linalg.NewJacobi(2 * r), coef: make([]float64, 2*r),
	}
	s.betas = newBetas(a.Beta, a.BetaInit, d1, d2)
	return s, nil
}

type accState struct {
	*projections
	rank      int
	betas     betas
	gamma, mu float64
	seed      uint64

	decay       float64   // γᵏ
	left, right []float64 // [U, RV] and [V, RᵀU] by columns, of the tangent space
	t1, t2      []float64 // their triangles, 2r×2r
	svd         *linalg.Jacobi
	coef        []float64
}

// State lists what the next step depends on.
func (s *accState) State() []any { return append(s.saved(), &s.decay, s.left, s.right) }

// Step takes the next L and ζ and reads the data there. It returns ErrNoProgress
// when neither the residual nor the threshold has fallen for 15 steps.
func (s *accState) Step(ctx context.Context) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	var zeta float64
	switch {
	case s.seen.norm == 0:
		s.nothing()
		return nil
	case !s.begun:
		k := newSketch(s.sieve, min(s.rank+spare, s.d1, s.d2))
		if err := s.first(ctx, k, s.rank, s.betas, s.seed); err != nil {
			return err
		}
		k.left(s.u, s.rank)
		k.right(s.v, s.rank)
		for c := range s.sigma {
			s.sigma[c] = k.value(c)
		}
		zeta = s.betas.next * s.sigma[0]
	default:
		next := s.project()
		s.decay = s.paced(s.decay, s.gamma)
		zeta = s.betas.next * (next + s.decay*s.sigma[0])
	}
	s.move(s.rank, zeta)
	s.tangent()
	n := s.rank
	s.pass(n, s.right[:n*s.d2], s.left[:n*s.d1], s.left[n*s.d1:], s.right[n*s.d2:])
	s.settle(1)
	return nil
}

// tangent sets the first halves of left and right to bases of the tangent
// space: U and V, or those of the trimmed matrix.
func (s *accState) tangent() {
	n := s.rank
	copy(s.left, s.u)
	copy(s.right, s.v)
	if s.mu > 0 {
		trim(s.left[:n*s.d1], s.d1, n, s.mu)
		trim(s.right[:n*s.d2], s.d2, n, s.mu)
	}
}

// trim brings the rows of the d×n matrix u, by columns, to length √(μn/d) where
// they are longer, and takes a basis of what that gives.
func trim(u []float64, d, n int, mu float64) {
	most := mu * float64(n) / float64(d)
	for i := range d {
		var sum float64
		for k := range n {
			sum += float64(u[k*d+i] * u[k*d+i])
		}
		if sum > most {
			c := math.Sqrt(most / sum)
			for k := range n {
				u[k*d+i] *= c
			}
		}
	}
	orthonormal(u, d, n)
}

// project sets u, sigma and v to those of H_r(P_T(R)) and returns σ_{r+1}. With
// (I − UUᵀ)RV = Q₁R₁ and (I − VVᵀ)RᵀU = Q₂R₂,
//
//	P_T(R) = [U, Q₁] ⎡ UᵀRV  R₂ᵀ ⎤ [V, Q₂]ᵀ
//	                 ⎣  R₁    0  ⎦
func (s *accState) project() float64 {
	n, m := s.rank, 2*s.rank
	linalg.ThinQR(s.left, s.d1, m, n, s.t1)
	linalg.ThinQR(s.right, s.d2, m, n, s.t2)
	for c := range n {
		first, second := s.svd.Column(c), s.svd.Column(n+c)
		for i := range m {
			first[i] = s.t1[i*m+n+c]
		}
		clear(second)
		for i := range n {
			second[i] = s.t2[(n+c)*m+n+i]
		}
	}
	s.svd.Factorize()
	for c := range n {
		sigma, w, j := s.svd.Triplet(c)
		s.sigma[c] = sigma
		scaleTo(s.coef, w, sigma)
		linalg.Combine(s.u[c*s.d1:(c+1)*s.d1], s.left, s.coef)
		linalg.Combine(s.v[c*s.d2:(c+1)*s.d2], s.right, j)
	}
	orthonormal(s.u, s.d1, n)
	orthonormal(s.v, s.d2, n)
	next, _, _ := s.svd.Triplet(n)
	return next
}
