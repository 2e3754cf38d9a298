package solver

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// RobustGD is gradient descent for robust PCA with balancing and bounded rows,
//
//	U⁺ = Π( U − η[(1/p)·∇_U f + ½U(UᵀU − VᵀV)] )
//	V⁺ = Π( V − η[(1/p)·∇_V f − ½V(UᵀU − VᵀV)] ),  η = Step/σ1
//
// both from the old U and V, where f(M) = min over S of ½‖M + S − Data‖² is the
// problem's own objective, p the share of its entries that is observed, and Π
// shortens rows to √(2μrσ1/d1) and √(2μrσ1/d2) (Yi, Park, Chen, Caramanis 2016,
// "Fast algorithms for robust PCA via gradient descent", NeurIPS,
// arXiv:1605.07784, algorithms 1 and 2). S is found by the problem's rule,
// problem.RobustPCA's sparse.Threshold for that of the paper, and its γ, for
// which the paper's experiments have 1.5 to 2. Data with missing entries and
// listed ones go the same way.
//
// σ1 is the largest of ‖∇f(0)‖₂/p and of ‖U‖₂² and ‖V‖₂² at the points so far.
// From the start of the paper, initial.Spectral, it is at first the paper's;
// where α is large, that start is too small, and so would σ1 be.
//
// From there the error falls by a constant factor 1 − O(1/κ) each step, if the
// share of outliers is below about 1/(μ·max(r√r·κ√κ, rκ²)); ScaledGD has no κ in
// its rate. A symmetric problem has M = UUᵀ, no balancing, and half the step.
//
// It needs products with ∇f(UVᵀ) to find σ1, and the parts of a robust PCA
// problem; a Balance around the problem adds to its own. A step costs one value
// with gradient, 6(d1+d2)r² flops, and allocates nothing. Memory: four points.
type RobustGD struct {
	// Step is c in η = c/σ1. Default ½, as in the paper's experiments; its
	// proof has 1/36. A step that is too long ends with status Diverged, or
	// Stalled.
	Step float64
	// Mu is a bound of μ, the incoherence of M*: rows are shortened by it.
	// Default: rows are left as they are, as in the paper's experiments.
	Mu float64
}

// Name prints the step and the bound.
func (g RobustGD) Name() string {
	text := fmt.Sprintf("RobustGD(step %g/σ1", g.factor())
	if g.Mu > 0 {
		text += fmt.Sprintf(", μ %g", g.Mu)
	}
	return text + ")"
}

func (g RobustGD) factor() float64 {
	if g.Step == 0 {
		return 0.5
	}
	return g.Step
}

// Start evaluates p at x0 and finds σ1, by 12 products with ∇f(0) and a pass
// over the data. A field that is negative or not finite, a Mu below 1, and a
// problem that lacks an ability are errors.
func (g RobustGD) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	split, ok := lr.SplitOf(p)
	if !ok {
		return nil, fmt.Errorf("solver: RobustGD needs %v, as problem.RobustPCA has: %w", lr.AbilitySplit, lr.ErrAbility)
	}
	d1, d2, r := p.Dims()
	scale := float64(d1) * float64(d2) / float64(split.Observed()) / split.Weight
	sigma, err := spectralSize(p, scale, x0)
	if err != nil {
		return nil, err
	}
	s := &robustState{
		walk: newWalk(p, x0), cfg: g, dir: lr.NewPoint(p), scale: scale, sigma: sigma,
		left: newSpectrum(r), right: newSpectrum(r),
	}
	s.watch = newWatch(&s.walk)
	return s, nil
}

func (g RobustGD) check() error {
	if err := checkNumber("RobustGD", "Step", g.Step, math.Inf(1)); err != nil {
		return err
	}
	if g.Mu != 0 && !(g.Mu >= 1 && finite(g.Mu)) {
		return fmt.Errorf("solver: RobustGD has Mu = %v; an incoherence of at least 1 is wanted, or 0 to leave rows as they are: %w", g.Mu, lr.ErrValue)
	}
	return nil
}

// spectralSize is the largest of ‖∇f(0)‖₂·scale, ‖U₀‖₂² and ‖V₀‖₂²; 1 when all
// are 0.
func spectralSize(p lr.Problem, scale float64, x0 *lr.Factors) (float64, error) {
	e, ok := lr.MulGradOf(p)
	if !ok {
		return 0, fmt.Errorf("solver: RobustGD needs %v: %w", lr.AbilityMulGrad, lr.ErrAbility)
	}
	d1, d2, _ := p.Dims()
	mul := func(dst *mat.Dense, trans bool, z *mat.Dense) { e.MulGrad(dst, trans, nil, z) }
	_, sigma, _ := linalg.RandomSVD(mul, d1, d2, 1, 5, lr.Stream(0, "RobustGD"))
	size := sigma[0] * scale
	for _, u := range []*mat.Dense{x0.U, x0.Right()} {
		var svd mat.SVD
		if !svd.Factorize(u, mat.SVDNone) {
			return 0, errGradient
		}
		size = math.Max(size, svd.Values(nil)[0]*svd.Values(nil)[0])
	}
	switch {
	case !finite(size):
		return 0, errGradient
	case size == 0:
		return 1, nil
	}
	return size, nil
}

type robustState struct {
	walk
	cfg         RobustGD
	dir         *lr.Factors // what is taken off the point, over the step
	scale       float64     // 1/p over the objective's weight
	sigma       float64     // σ1
	left, right *spectrum   // of U and of V
	watch       watch
}

// State lists what the next step depends on: the rest follows from the start.
func (s *robustState) State() []any {
	return append(append(s.saved(), &s.sigma, s.left.top, s.right.top), s.watch.saved()...)
}

// Step takes one step. It returns ErrNoProgress at a critical point, and where
// neither the value nor the gradient has come down for 100 steps.
func (s *robustState) Step(ctx context.Context) error {
	if err := s.ready(); err != nil {
		return err
	}
	if s.watch.idle >= patience {
		return lr.ErrNoProgress
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	step := s.aim()
	s.nextX.CopyFrom(s.x)
	s.nextX.AddScaled(-step, s.dir)
	if s.cfg.Mu > 0 {
		s.shorten(s.nextX.U)
		if s.nextX.V != nil {
			s.shorten(s.nextX.V)
		}
	}
	s.evals++
	s.accept(s.eval.Grad(s.nextGrad, s.nextX), step)
	s.watch.see(&s.walk)
	return nil
}

// aim sets dir to (1/p)∇f and the gradient of ⅛‖UᵀU − VᵀV‖², and returns the
// step along it.
func (s *robustState) aim() float64 {
	s.dir.CopyFrom(s.grad)
	s.dir.Scale(s.scale)
	s.sigma = math.Max(s.sigma, s.left.of(s.x.U))
	if s.x.V == nil {
		return s.cfg.factor() / s.sigma / 2
	}
	s.sigma = math.Max(s.sigma, s.right.of(s.x.V))
	gap := s.left.gram
	for k, v := range s.right.gram {
		gap[k] -= v
	}
	addSymmetric(s.dir.U, 0.5, s.x.U, gap)
	addSymmetric(s.dir.V, -0.5, s.x.V, gap)
	return s.cfg.factor() / s.sigma
}

// shorten scales the rows of x that are longer than √(2μrσ1/d) down to it.
func (s *robustState) shorten(x *mat.Dense) {
	d, r := x.Dims()
	most := math.Sqrt(2 * s.cfg.Mu * float64(r) * s.sigma / float64(d))
	for i := range d {
		row := x.RawRowView(i)
		var sum float64
		for _, v := range row {
			sum += float64(v * v)
		}
		if n := math.Sqrt(sum); n > most {
			for k := range row {
				row[k] *= most / n
			}
		}
	}
}

// spectrum follows the largest eigenvalue of a factor's Gram matrix from point
// to point, by a few power iterations at each.
type spectrum struct {
	gram      []float64 // lower triangle
	top, next []float64 // its first eigenvector so far
}

func newSpectrum(r int) *spectrum {
	s := &spectrum{gram: make([]float64, r*r), top: make([]float64, r), next: make([]float64, r)}
	for k := range s.top {
		s.top[k] = 1 / math.Sqrt(float64(r))
	}
	return s
}

// of sets gram to XᵀX and returns ‖X‖₂², from below.
func (s *spectrum) of(x *mat.Dense) (value float64) {
	gramLower(s.gram, x)
	r := len(s.top)
	for range 4 {
		var sum float64
		for k := range r {
			s.next[k] = 0
			for l, v := range s.top {
				s.next[k] += float64(s.gram[max(k, l)*r+min(k, l)] * v)
			}
			sum += float64(s.next[k] * s.next[k])
		}
		value = math.Sqrt(sum)
		if !(value > 0) || !finite(value) {
			return 0
		}
		for k, v := range s.next {
			s.top[k] = v / value
		}
	}
	return value
}

// addSymmetric adds c·x·B to dst for the symmetric B with this lower triangle.
func addSymmetric(dst *mat.Dense, c float64, x *mat.Dense, lower []float64) {
	rows, r := x.Dims()
	for i := range rows {
		from, to := x.RawRowView(i), dst.RawRowView(i)
		for k := range r {
			var sum float64
			for l, v := range from {
				sum += float64(v * lower[max(k, l)*r+min(k, l)])
			}
			to[k] += float64(c * sum)
		}
	}
}
