package solver

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"gonum.org/v1/gonum/mat"
)

// cross holds some rows and some columns of data, in which it puts the values
// of a low-rank matrix wherever the data are far from it or missing.
//
// Its loops go over strips of columns, for the rows, and then over blocks of
// rows, for the columns. Columns of a matrix that is stored by rows are brought
// together row by row, so that a cache line is read once for all of them.
type cross struct {
	data       mat.Matrix
	set        lr.SparseSet
	d1, d2     int
	rows, cols []int // ascending

	both []float64 // r and then c
	r    []float64 // rows×d2, row by row
	c    []float64 // d1×cols, row by row
	vt   []float64 // V of x, transposed
	vj   []float64 // its rows cols, transposed
	bufR []float64 // d2: parts of rows that are computed
	bufC []float64 // d1: parts of columns that are computed

	strips, blocks int
	tallies        []tally // of strips, then of blocks
	sifting        *par.Loop
	fitting        *par.Loop

	// Of the loop under way:
	x    *lr.Factors // near which data are kept, or to be found
	zeta float64     // how near; below 0: leave D − UVᵀ in both
	top  *topSVD
}

// tally is what a part of the rows and columns shows.
type tally struct {
	sum      float64 // Σ (D − L)² over entries that are kept
	norm     float64 // Σ D² over those observed
	kept     int     // entries within the threshold
	observed int
}

func (t *tally) add(o tally) {
	t.sum += o.sum
	t.norm += o.norm
	t.kept += o.kept
	t.observed += o.observed
}

func (t *tally) residual() float64 {
	return observed{t.observed, math.Sqrt(t.norm)}.residual(t.sum)
}

// newCross makes room for n1 rows and n2 columns of the data, and their
// low-rank matrix of rank r.
func newCross(split *lr.Split, r, n1, n2 int) *cross {
	d1, d2 := split.Data.Dims()
	s := &cross{
		data: split.Data, set: split.Set.Filled(), d1: d1, d2: d2, rows: make([]int, n1), cols: make([]int, n2),
		both: make([]float64, n1*d2+d1*n2), vt: make([]float64, r*d2), vj: make([]float64, r*n2),
		bufR: make([]float64, d2), bufC: make([]float64, d1),
		strips: par.Blocks(d2, 256, 256), blocks: par.Blocks(d1, 64, 256),
	}
	s.r, s.c = s.both[:n1*d2], s.both[n1*d2:]
	s.tallies = make([]tally, s.strips+s.blocks)
	s.sifting, s.fitting = par.New(s.siftPart), par.New(s.fitPart)
	return s
}

// sift reads the rows and columns, keeps in r and c what is within zeta of x,
// and puts x in the place of the rest.
func (s *cross) sift(x *lr.Factors, zeta float64) tally {
	s.x, s.zeta = x, zeta
	tiles.Transposed(s.vt, x.V)
	for k, j := range s.cols {
		for m, v := range x.V.RawRowView(j) {
			s.vj[m*len(s.cols)+k] = v
		}
	}
	s.sifting.Run(s.strips + s.blocks)
	var t tally
	for _, part := range s.tallies {
		t.add(part)
	}
	return t
}

// siftPart is the body of the loop in sift.
func (s *cross) siftPart(part int) {
	t := &s.tallies[part]
	*t = tally{}
	if part < s.strips {
		lo, hi := par.Bounds(s.d2, s.strips, part)
		for a, i := range s.rows {
			d := tiles.Row(s.data, s.bufR[lo:hi], i, lo, hi)
			s.one(t, s.r[a*s.d2+lo:a*s.d2+hi], d, i, s.vt[lo:], s.d2)
		}
		return
	}
	lo, hi := par.Bounds(s.d1, s.blocks, part-s.strips)
	s.gather(lo, hi)
	n := len(s.cols)
	for i := lo; i < hi; i++ {
		row := s.c[i*n : (i+1)*n]
		s.one(t, row, row, i, s.vj, n)
	}
}

// one sifts d, a part of row i, to dst.
func (s *cross) one(t *tally, dst, d []float64, i int, vt []float64, stride int) {
	u := s.x.U.RawRowView(i)
	if s.zeta < 0 {
		copy(dst, d)
		tiles.Subtract(dst, u, vt, stride)
		return
	}
	norm, seen := sumSquares(d) // before d is overwritten
	sum, kept := loops.Threshold(dst, d, u, vt, stride, s.zeta)
	t.add(tally{sum: sum, norm: norm, kept: kept, observed: seen})
}

// sumSquares is Σ d² over entries that are not NaN, and how many they are.
func sumSquares(d []float64) (sum float64, count int) {
	if sum = loops.Dot(d, d); sum == sum {
		return sum, len(d)
	}
	sum = 0
	for _, v := range d {
		if v == v {
			sum += float64(v * v)
			count++
		}
	}
	return sum, count
}

// gather sets rows lo … hi−1 of c to the data.
func (s *cross) gather(lo, hi int) {
	n := len(s.cols)
	switch m := s.data.(type) {
	case tiles.Rows:
		for i := lo; i < hi; i++ {
			row, dst := m.RawRowView(i), s.c[i*n:(i+1)*n]
			for k, j := range s.cols {
				dst[k] = row[j]
			}
		}
	default:
		col := s.bufC[lo:hi]
		for k, j := range s.cols {
			tiles.Col(m, col, j, lo)
			for i, v := range col {
				s.c[(lo+i)*n+k] = v
			}
		}
	}
}

// distances leaves the magnitudes |D − UVᵀ| of the observed entries of the rows
// and columns in memory of its own, in no order. What sift left is lost.
func (s *cross) distances(x *lr.Factors) []float64 {
	s.sift(x, -1)
	return s.both[:tiles.Observed(s.both, s.both)]
}

// begin returns the largest |D − UVᵀ| of the rows and columns.
func (s *cross) begin(x *lr.Factors) (float64, error) {
	far := s.distances(x)
	if len(far) == 0 {
		return 0, fmt.Errorf("solver: IRCUR: nothing is observed in the %d rows and %d columns that it read first; data with more observed entries are wanted, or more Samples: %w", len(s.rows), len(s.cols), lr.ErrEmpty)
	}
	top := tiles.Largest(far, 1)
	if top > 1e140 || top > 0 && top < 1e-140 {
		return 0, fmt.Errorf("solver: IRCUR: the data are up to %g away from X0; between 1e-140 and 1e140 is wanted, so that squares can be summed; give the data in other units: %w", top, lr.ErrValue)
	}
	return top, nil
}

// budget is how many of n entries read may be in S: the share γα of the set,
// and six standard deviations of a sample.
func (s *cross) budget(n int) int {
	mean := min(1, s.set.Gamma*s.set.Alpha) * float64(n)
	return int(mean + 6*math.Sqrt(mean))
}

// combine sets x to the CUR decomposition of the rows and columns, for the
// singular vectors of where they meet. Singular values at the level of rounding
// count as 0.
func (s *cross) combine(x *lr.Factors, top *topSVD) {
	for k, sigma := range top.sigma {
		scale := 0.0
		if sigma > 1e-13*top.sigma[0] {
			scale = 1 / math.Sqrt(sigma)
		}
		for _, vector := range [][]float64{top.p[k*top.n1 : (k+1)*top.n1], top.q[k*top.n2 : (k+1)*top.n2]} {
			for i := range vector {
				vector[i] *= scale
			}
		}
	}
	s.x, s.top = x, top
	s.fitting.Run(s.strips + s.blocks)
}

// fitPart is the body of the loop in combine: a part of V = Rᵀ·P·Σ^−½ and of
// U = C·Q·Σ^−½.
func (s *cross) fitPart(part int) {
	if part < s.strips {
		lo, hi := par.Bounds(s.d2, s.strips, part)
		for k := range s.top.r {
			y := s.vt[k*s.d2+lo : k*s.d2+hi]
			addRows(y, s.top.p[k*s.top.n1:(k+1)*s.top.n1], s.r[lo:], s.d2)
			for j, v := range y {
				s.x.V.RawRowView(lo + j)[k] = v
			}
		}
		return
	}
	lo, hi := par.Bounds(s.d1, s.blocks, part-s.strips)
	n := len(s.cols)
	var four [4]float64
	for i := lo; i < hi; i++ {
		u := s.x.U.RawRowView(i)
		for k := 0; k < len(u); k += 4 {
			loops.Dot4(&four, s.top.q[k*n:], n, s.c[i*n:(i+1)*n])
			copy(u[k:], four[:])
		}
	}
}
