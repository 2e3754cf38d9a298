package rigid

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Estimate is what a block showed that is too large for elimination.
//
// The columns of the Jacobian that belong to a row or a column are made
// orthonormal, which changes no span. Then its singular values are √(1±cos φ) with
// the angles φ between the spans of the two factors' columns. Sine2 is the smallest
// sin²φ that Lanczos' method found outside the gauge, an upper bound of the
// smallest one, at a random real point: 0, up to rounding, when something is not
// determined. Then the direction is a random motion, which decides the entries.
type Estimate struct {
	Sine2 float64
	// Singular is √(1−cos φ), the smallest singular value found outside the gauge;
	// the largest is √2.
	Singular  float64
	Residual  float64 // sin² of an angle lies this near to Sine2
	Products  int     // taken
	Converged bool    // see converged
	// Failure bounds the probability, over the start of the search, of a Sine2 as
	// large as this where something is not determined.
	Failure float64
}

const (
	nullSine2    = 1e-12 // at and below it a sin² counts as 0
	nullResidual = 1e-11
)

// answer says whether the part is determined, as far as the numbers say it.
func (e *Estimate) answer() Answer {
	switch {
	case !e.Converged:
		return Unknown
	case e.Sine2 <= nullSine2:
		return No
	}
	return Yes
}

// converged: a sin² that is 0 up to rounding, or one that is known to an eighth and
// either is very unlikely to hide a smaller one, or known to six digits.
func (e *Estimate) converged() bool {
	return e.Residual <= nullResidual || e.Residual <= e.Sine2/8 && (e.Failure <= 1e-9 || e.Residual <= 1e-6*e.Sine2)
}

// bound sets Failure after k products in n dimensions. Were the smallest sin² 0,
// the largest eigenvalue of CᵀC would be 1, and Lanczos' method, which looks at
// its result after every eighth product, would miss it by ε = Sine2 or more with
// probability at most 1.648 √n exp(−√ε(2k−1)) each time; Kuczyński, Woźniakowski
// 1992, SIAM J. Matrix Anal. Appl. 13, p. 1094.
func (e *Estimate) bound(k, n int) {
	looks := float64(k/8 + 1)
	e.Failure = math.Min(1, looks*1.648*math.Sqrt(float64(n))*math.Exp(-math.Sqrt(e.Sine2)*float64(2*k-1)))
}

// sway is an estimated part: a direction that changes the observed entries least.
type sway struct {
	estimate     Estimate
	frame        *frame
	u, v, du, dv []float64
	unit         float64 // size of a typical change
	r            int
	turned       bool // rows of the frame are the columns of the part
}

// estimate finds the smallest angle outside the gauge.
func (p *Part) estimate(ctx context.Context, products int, rng *rand.Rand) error {
	s := &sway{r: p.r}
	g, fixRow, fixCol := p.Grid, p.knownRow, p.knownCol
	if s.turned = free(len(g.Cols), fixCol) > free(len(g.Rows), fixRow); s.turned {
		g, fixRow, fixCol = g.transposed(), fixCol, fixRow
	}
	f, err := newFrame(ctx, g, p.r, fixRow, fixCol, rng)
	if err != nil {
		return err
	}
	s.frame = f
	w, err := s.search(ctx, products, rng)
	if err != nil {
		return err
	}
	s.du, s.dv = f.deltas(w)
	s.u, s.v = f.u, f.v
	s.unit = rms(s.du)*rms(s.v) + rms(s.dv)*rms(s.u)
	p.sway, p.Complete = s, s.estimate.answer()
	if p.Complete == No {
		p.Missing = 1
	}
	return nil
}

func rms(x []float64) float64 { return math.Sqrt(dot(x, x) / float64(max(1, len(x)))) }

// at decides an entry by the direction. Where it is a motion, the change of an
// entry that is determined is rounding.
func (s *sway) at(i, j int) Answer {
	if s.estimate.answer() != No {
		return Unknown
	}
	if s.turned {
		i, j = j, i
	}
	r := s.r
	u, v, du, dv := s.u[i*r:i*r+r], s.v[j*r:j*r+r], s.du[i*r:i*r+r], s.dv[j*r:j*r+r]
	size := math.Sqrt(dot(u, u)*dot(dv, dv)) + math.Sqrt(dot(v, v)*dot(du, du)) + 1e-2*s.unit
	switch c := math.Abs(dot(u, dv) + dot(du, v)); {
	case c <= 1e-8*size:
		return Yes
	case c >= 1e-6*size:
		return No
	}
	return Unknown
}

// search is Lanczos' method for the smallest eigenvalue of I − CᵀC away from the
// gauge, with full reorthogonalisation: k products take 4k² numbers for each of
// n unknowns, and k vectors. Its direction begins as a random one and keeps what
// that has in the eigenspace, so that one motion is drawn among all.
func (s *sway) search(ctx context.Context, most int, rng *rand.Rand) ([]float64, error) {
	f, e := s.frame, &s.estimate
	n := len(f.v)
	start := normal(rng, n)
	for j := range f.g.Cols {
		if fixed(f.fixCol, j) {
			clear(start[j*f.r : (j+1)*f.r])
		}
	}
	unknowns := free(len(f.g.Cols), f.fixCol) * f.r
	if f.gauge != nil {
		unknowns -= f.r * f.r
	}
	f.away(start, nil)
	scaleTo(start)
	basis := [][]float64{start}
	var alpha, beta []float64
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		w := make([]float64, n)
		q := basis[len(basis)-1]
		f.mul(w, q)
		e.Products++
		alpha = append(alpha, dot(q, w))
		f.away(w, basis)
		b := scaleTo(w)
		whole := len(alpha) >= unknowns || b < 1e-13
		if last := whole || e.Products == most; last || e.Products%8 == 0 {
			y := e.ritz(alpha, beta, b)
			e.bound(len(alpha), n)
			if last || e.done() {
				return s.finish(basis, y, whole), nil
			}
		}
		beta, basis = append(beta, b), append(basis, w)
	}
}

// ritz takes the smallest eigenvalue of the tridiagonal matrix, and returns its
// vector.
func (e *Estimate) ritz(alpha, beta []float64, next float64) []float64 {
	k := len(alpha)
	t := mat.NewSymDense(k, nil)
	for i, a := range alpha {
		t.SetSym(i, i, a)
		if i > 0 {
			t.SetSym(i-1, i, beta[i-1])
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(t, true) {
		return slices.Repeat([]float64{0}, k)
	}
	var vectors mat.Dense
	eig.VectorsTo(&vectors)
	e.set(eig.Values(nil)[0], math.Abs(next*vectors.At(k-1, 0)))
	return mat.Col(nil, 0, &vectors)
}

// set takes a sin² and its residual.
func (e *Estimate) set(sine2, residual float64) {
	e.Sine2 = math.Min(1, math.Max(0, sine2))
	e.Singular = math.Sqrt(e.Sine2 / (1 + math.Sqrt(1-e.Sine2)))
	e.Residual = residual
}

// done reports whether more products are of no use: a small angle is known as well
// as it can be, since its direction decides entries; of another a few digits do.
func (e *Estimate) done() bool {
	return e.Residual <= 1e-15 || e.Sine2 > 1e3*nullSine2 && e.converged()
}

// finish makes the direction, and measures it anew. When the basis is the whole
// space that the start reaches, nothing is hidden.
func (s *sway) finish(basis [][]float64, y []float64, whole bool) []float64 {
	w := make([]float64, len(s.frame.v))
	for k, q := range basis[:len(y)] {
		addScaled(w, y[k], q)
	}
	s.frame.away(w, nil)
	scaleTo(w)
	z := make([]float64, len(w))
	s.frame.mul(z, w)
	s.estimate.Products++
	rho := dot(z, w)
	addScaled(z, -rho, w)
	e := &s.estimate
	e.set(rho, math.Sqrt(dot(z, z)))
	if e.bound(len(y), len(w)); whole {
		e.Failure = 0
	}
	e.Converged = e.converged()
	return w
}
