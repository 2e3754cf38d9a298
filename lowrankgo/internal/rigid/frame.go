package rigid

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
)

// ErrDependent is that r of the random vectors were dependent at working
// precision.
var ErrDependent = errors.New("random vectors were dependent at working precision")

// side is the part of the Jacobian that belongs to the factor of one side, with
// orthonormal columns: for line i the entries' vectors of the other side, times
// L⁻ᵀ of LLᵀ = Σ xxᵀ over them. Numbers of a line are so w = Lᵀδ. Lines that are
// fixed have no columns.
type side struct {
	adjacency
	r     int
	x     []float64 // the other side's vectors
	chol  []float64 // L of each line, r×r
	fix   []bool
	up    *par.Loop
	down  *par.Loop
	t     []float64 // one number for each entry
	w     []float64 // r for each line
	scale float64
	n     int // blocks of lines
}

// newSide makes the frames. Lines have at least r entries. It fails when r random
// vectors are dependent at working precision.
func newSide(ctx context.Context, a adjacency, r int, x []float64, fix []bool) (*side, error) {
	lines := len(a.from) - 1
	s := &side{adjacency: a, r: r, x: x, fix: fix, chol: make([]float64, lines*r*r), n: par.Blocks(lines, 64, 64)}
	for i := range lines {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		l := s.chol[i*r*r : (i+1)*r*r]
		for _, j := range a.of(i) {
			v := s.vector(j)
			for p := range r {
				for q := range p + 1 {
					l[p*r+q] += float64(v[p] * v[q])
				}
			}
		}
		if linalg.Cholesky(l, r) == 0 {
			return nil, ErrDependent
		}
	}
	s.up = par.New(func(b int) {
		s.each(b, s.upLine)
	})
	s.down = par.New(func(b int) {
		s.each(b, s.downLine)
	})
	return s, nil
}

func (s *side) lines() int { return len(s.from) - 1 }

func (s *side) vector(j int32) []float64 { return s.x[int(j)*s.r : int(j)*s.r+s.r] }

func (s *side) each(b int, f func(i int, d []float64)) {
	d := make([]float64, s.r)
	lo, hi := par.Bounds(s.lines(), s.n, b)
	for i := lo; i < hi; i++ {
		if !fixed(s.fix, i) {
			f(i, d)
		}
	}
}

// delta sets d = L⁻ᵀw, the change of line i's own vector.
func (s *side) delta(d []float64, i int, w []float64) {
	copy(d, w[i*s.r:(i+1)*s.r])
	linalg.SolveUpper(s.chol[i*s.r*s.r:(i+1)*s.r*s.r], s.r, d)
}

func (s *side) upLine(i int, d []float64) {
	s.delta(d, i, s.w)
	for e := s.from[i]; e < s.from[i+1]; e++ {
		var sum float64
		for k, v := range s.vector(s.to[e]) {
			sum += float64(v * d[k])
		}
		s.t[s.at[e]] += float64(s.scale * sum)
	}
}

func (s *side) downLine(i int, d []float64) {
	clear(d)
	for e := s.from[i]; e < s.from[i+1]; e++ {
		c := s.t[s.at[e]]
		for k, v := range s.vector(s.to[e]) {
			d[k] += float64(c * v)
		}
	}
	linalg.SolveLower(s.chol[i*s.r*s.r:(i+1)*s.r*s.r], s.r, d)
	copy(s.w[i*s.r:(i+1)*s.r], d)
}

// addTo adds c times the side's columns times w to t; 2r flops an entry.
func (s *side) addTo(t []float64, c float64, w []float64) {
	s.t, s.w, s.scale = t, w, c
	s.up.Run(s.n)
}

// project sets w to the transposed columns times t; lines that are fixed keep 0.
func (s *side) project(w, t []float64) {
	s.t, s.w = t, w
	s.down.Run(s.n)
}

// frame is the Jacobian [Q_U Q_V] of a grid at a random point, the columns of
// each line orthonormal. Its singular values are √(1±c), c the cosines of the
// angles between the spans of Q_U and Q_V; c = 1 belongs to the motions.
type frame struct {
	g      *Grid
	r      int
	u, v   []float64
	rows   *side // Q_U
	cols   *side // Q_V
	t      []float64
	w      []float64
	gauge  *gauge // nil when lines are fixed
	fixRow []bool
	fixCol []bool
}

// newFrame draws the point. Columns should be the side with fewer free lines.
func newFrame(ctx context.Context, g *Grid, r int, fixRow, fixCol []bool, rng *rand.Rand) (*frame, error) {
	f := &frame{g: g, r: r, fixRow: fixRow, fixCol: fixCol}
	f.u, f.v = normal(rng, len(g.Rows)*r), normal(rng, len(g.Cols)*r)
	var err error
	if f.rows, err = newSide(ctx, g.byRow, r, f.v, fixRow); err != nil {
		return nil, err
	}
	if f.cols, err = newSide(ctx, g.byCol, r, f.u, fixCol); err != nil {
		return nil, err
	}
	f.t, f.w = make([]float64, g.Entries()), make([]float64, len(f.u))
	if fixRow == nil {
		f.gauge, err = newGauge(ctx, f)
	}
	return f, err
}

func normal(rng *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}

// away takes out of w what it has of the gauge and of the orthonormal q, twice.
func (f *frame) away(w []float64, q [][]float64) {
	for range 2 {
		if f.gauge != nil {
			f.gauge.away(w)
		}
		for _, v := range q {
			addScaled(w, -dot(v, w), v)
		}
	}
}

func dot(x, y []float64) float64 {
	var s float64
	for i, v := range x {
		s += float64(v * y[i])
	}
	return s
}

func addScaled(y []float64, c float64, x []float64) {
	for i, v := range x {
		y[i] += float64(c * v)
	}
}

// scaleTo makes w a unit vector, unless it is 0, and returns the length it had.
func scaleTo(w []float64) float64 {
	size := math.Sqrt(dot(w, w))
	if size > 0 {
		for i := range w {
			w[i] /= size
		}
	}
	return size
}

// mul sets out = (I − CᵀC)w, C = Q_UᵀQ_V: what is left of Q_V·w outside the span
// of Q_U. Its eigenvalues are the squared sines of the angles. Four passes over
// the entries, 8r flops each.
func (f *frame) mul(out, w []float64) {
	clear(f.t)
	f.cols.addTo(f.t, 1, w)
	f.rows.project(f.w, f.t)
	f.rows.addTo(f.t, -1, f.w)
	f.cols.project(out, f.t)
}

// deltas are δU and δV of the numbers w of the columns, δU the best for them.
func (f *frame) deltas(w []float64) (du, dv []float64) {
	clear(f.t)
	f.cols.addTo(f.t, -1, w)
	f.rows.project(f.w, f.t)
	return f.rows.unframed(f.w), f.cols.unframed(w)
}

func (s *side) unframed(w []float64) []float64 {
	d := make([]float64, len(w))
	for i := range s.lines() {
		if !fixed(s.fix, i) {
			s.delta(d[i*s.r:(i+1)*s.r], i, w)
		}
	}
	return d
}
