package solver

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// PCP is principal component pursuit, the convex form of robust PCA (Candès,
// Li, Ma, Wright 2011, "Robust principal component analysis?", J. ACM 58:11,
// arXiv:0912.3599),
//
//	min ‖L‖_* + λ‖S‖₁   over L and S with L + S = D
//
// with λ = 1/√(max(d1, d2)·p) where the share p of the d1×d2 matrix D is
// observed, and the constraint holds there alone. It is solved by the inexact
// augmented Lagrangian method (Lin, Chen, Ma 2010, arXiv:1009.5055, algorithm
// 5): for multipliers Y and a penalty μ, a step is
//
//	S ← shrink(D − L + Y/μ, λ/μ)      each entry
//	L ← shrink(D − S + Y/μ, 1/μ)      each singular value
//	Y ← Y + μ(D − L − S)
//	μ ← Growth·μ                       if μ times the change of L is below ‖Y‖/100
//
// The condition on the last line lets the multipliers settle, also while μ is
// small: growing in every step takes less steps, but may end at an L + S = D that
// is not the least.
//
// It needs neither rank nor α, and no start: users compare with it. The other
// methods that split data are faster by far and store less.
//
// The point is the best approximation of L by a matrix of the problem's rank,
// with columns of 0 where L has a lower rank. Where L has a higher rank, as
// noise makes it, its rest is part of the residual, which then does not go to
// 0, and the run ends as stalled. The sparse part is shrink(D − L + Y/μ, λ/μ),
// the S of the next step. The set S_γα of the problem is not used.
//
// The singular values above 1/μ are found by subspace iteration, whose vectors
// are right to 1e-3/μ each; where that takes long, or there are many, by a
// complete SVD of a D − S + Y/μ that is stored. That is most of the work: for
// k values, 4·d1·d2·(k+10) flops in each of a few rounds, or about
// 20·d1·d2·min(d1, d2), which does not look at its context. It stores three
// d1×d2 matrices, 24 bytes an entry beside the data, and a complete SVD as much
// again. Steps allocate memory.
//
// A run knows no loss; Info.Evals counts its passes over the data and Info.Step
// is 1/μ. It ends by its residual, and as stalled once that has not fallen for
// some steps. What it converges to is the optimum of the pursuit, which is M*
// and S* where rank and α are low enough; where they are not it may be another
// split of the data, without a sign that it is.
type PCP struct {
	Lambda float64 // λ; default 1/√(max(d1, d2)·p)
	Growth float64 // factor of μ, above 1; at most until μ is 1e7 times the first; default 1.5
	Seed   uint64  // of the sketches of subspace iteration
}

// Name prints what is not the default.
func (m PCP) Name() string {
	s := "PCP"
	if m.Lambda != 0 {
		s += fmt.Sprintf(", λ %g", m.Lambda)
	}
	if m.Growth != 0 {
		s += fmt.Sprintf(", growth %g", m.Growth)
	}
	if m.Seed != 0 {
		s += fmt.Sprintf(", seed %d", m.Seed)
	}
	return s
}

func (m PCP) check() error {
	if m.Growth != 0 && !(m.Growth > 1 && finite(m.Growth)) {
		return fmt.Errorf("solver: PCP has Growth = %v; a finite number above 1 is wanted, or 0 for 1.5: %w", m.Growth, lr.ErrValue)
	}
	return checkNumber("PCP", "Lambda", m.Lambda, math.Inf(1))
}

// Start reads the data and finds their largest singular value. A problem that
// is symmetric, has no Split or lists its entries is an error that wraps
// lowrankgo.ErrAbility; so are fields out of range, and data of which nothing
// is observed or that are too large to be squared, with errors of their own.
func (m PCP) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	split, err := splitOf("PCP", p)
	if err != nil {
		return nil, err
	}
	seen, err := observe("PCP", split.Data)
	if err != nil {
		return nil, err
	}
	if seen.count == 0 {
		return nil, fmt.Errorf("solver: PCP: all entries of the data are NaN, so that nothing is observed: %w", lr.ErrEmpty)
	}
	s := newPCPState(split.Data, x0, seen, m)
	if m.Growth != 0 {
		s.growth = m.Growth
	}
	if m.Lambda != 0 {
		s.lambda = m.Lambda
	}
	s.begin()
	s.look()
	return s, nil
}

// pcpState keeps the multipliers as A = L + Y/last.
type pcpState struct {
	data   mat.Matrix
	d1, d2 int
	seen   observed
	lambda float64
	growth float64
	seed   uint64

	x        *lr.Factors
	l, a     *mat.Dense
	next     *mat.Dense // room for the next a
	mu, last float64    // μ of the next step and of the step that led here
	most     float64    // largest μ
	rank     int        // of l
	residual float64
	fall     fall
	passes   int
	steps    int
	pass     *pcpPass
}

func newPCPState(data mat.Matrix, x0 *lr.Factors, seen observed, m PCP) *pcpState {
	d1, d2 := data.Dims()
	share := float64(seen.count) / float64(d1) / float64(d2)
	s := &pcpState{
		data: data, d1: d1, d2: d2, seen: seen, seed: m.Seed, growth: 1.5,
		lambda: 1 / math.Sqrt(float64(max(d1, d2))*share),
		x:      x0.Clone(), l: x0.Dense(), a: mat.NewDense(d1, d2, nil), next: mat.NewDense(d1, d2, nil),
		rank: x0.Rank(), fall: newFall(), passes: 2,
	}
	s.pass = newPCPPass(s)
	return s
}

// begin sets the first multipliers, Y = D/max(‖D‖, max|D_ij|/λ), and μ.
func (s *pcpState) begin() {
	top := s.pass.fill()
	_, sigma, _ := linalg.RandomSVD(productsOf(s.a), s.d1, s.d2, 1, 6, lr.Stream(s.seed, "pcp", 0))
	scale := math.Max(sigma[0], top/s.lambda)
	if scale == 0 { // the data are 0
		s.mu, s.last, s.most = 1, 1, 1
		s.a.Copy(s.l)
		return
	}
	s.mu = 1.25 / sigma[0]
	s.last, s.most = s.mu, 1e7*s.mu
	s.a.Scale(1/(scale*s.last), s.a)
	s.a.Add(s.a, s.l)
}

// productsOf gives the products with a that subspace iteration asks for.
func productsOf(a *mat.Dense) linalg.Mul {
	return func(dst *mat.Dense, trans bool, z *mat.Dense) {
		if trans {
			dst.Mul(a.T(), z)
			return
		}
		dst.Mul(a, z)
	}
}

func (s *pcpState) Point() *lr.Factors { return s.x }

// Residual is that of the point and SparsePart, so that what the problem's rank
// leaves of L counts too.
func (s *pcpState) Residual() float64 { return s.residual }

func (s *pcpState) Info() lr.Info { return hushed(1/s.mu, s.passes) }

// SparsePart reads all data.
func (s *pcpState) SparsePart() *lr.Sparse { return s.pass.sparse() }

// State lists what the next step depends on.
func (s *pcpState) State() []any {
	return append(s.fall.saved(), s.x, s.l, s.a, &s.mu, &s.last, &s.rank, &s.residual, &s.passes, &s.steps)
}

// Step moves S, L, Y and μ. It returns ErrNoProgress when the residual is 0 or
// does not fall any more.
func (s *pcpState) Step(ctx context.Context) error {
	switch {
	case s.residual == 0 || s.fall.idle >= waitForFall:
		return lr.ErrNoProgress
	case ctx.Err() != nil:
		return ctx.Err()
	}
	s.pass.target()
	part, err := topAbove(ctx, s.next, 1/s.mu, s.rank, lr.Stream(s.seed, "pcp", uint64(s.steps+1)))
	if err != nil {
		return err
	}
	s.a, s.next = s.next, s.a
	part.shrink(1 / s.mu)
	part.product(s.next)
	part.factors(s.x)
	moved, multipliers := apart(s.next, s.l), apart(s.a, s.next) // the latter ‖Y‖/μ
	s.l, s.next = s.next, s.l
	s.rank = len(part.sigma)
	s.last = s.mu
	if moved <= settled*multipliers {
		s.mu = math.Min(s.growth*s.mu, s.most)
	}
	s.steps++
	s.passes += 2
	s.look()
	return nil
}

// look finds the residual.
func (s *pcpState) look() {
	s.residual = s.seen.residual(s.pass.left())
	s.fall.see(s.residual, 1/s.mu)
}

// settled is the relative change μ‖L − L'‖/‖Y‖ of a step up to which μ grows.
const settled = 0.01

// apart is ‖X − Y‖F.
func apart(x, y *mat.Dense) float64 {
	var sum float64
	for i := range x.RawMatrix().Rows {
		b := y.RawRowView(i)
		for j, v := range x.RawRowView(i) {
			sum += float64((v - b[j]) * (v - b[j]))
		}
	}
	return math.Sqrt(sum)
}
