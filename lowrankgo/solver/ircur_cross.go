package solver

import (
	"fmt"
	"math"
	"slices"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"gonum.org/v1/gonum/mat"
)

// cross holds some rows and some columns of data, in which it puts the values
// of a low-rank matrix wherever the data are far from it or missing: the
// columns line by line, and the rows, transposed, likewise.
type cross struct {
	data       mat.Matrix
	set        lr.SparseSet
	rows, cols []int     // ascending
	both       []float64 // what down and across hold, one after the other
	down       *arm      // d1 lines, of the entries of cols
	across     *arm      // d2 lines, of the entries of rows
}

// newCross makes room for n1 rows and n2 columns of the data, and their
// low-rank matrix of rank r.
func newCross(split *lr.Split, r, n1, n2 int) *cross {
	d1, d2 := split.Data.Dims()
	s := &cross{
		data: split.Data, set: split.Set.Filled(), rows: make([]int, n1), cols: make([]int, n2),
		both: make([]float64, d1*n2+d2*n1),
	}
	share := min(1, s.set.Gamma*s.set.Alpha)
	s.down = newArm(d1, r, s.cols, s.both[:d1*n2], share, s.readColumns)
	s.across = newArm(d2, r, s.rows, s.both[d1*n2:], share, s.readRows)
	return s
}

// sift reads the rows and columns, keeps what is within zeta of x, and puts x
// in the place of the rest.
func (s *cross) sift(x *lr.Factors, zeta float64) tally {
	t := s.down.sift(x.U, x.V, zeta)
	t.add(s.across.sift(x.V, x.U, zeta))
	return t
}

// readColumns sets the lines lo … hi−1 of c to what the columns have there. A
// matrix that is stored by rows is read row by row, so that a cache line comes
// once for all of them.
func (s *cross) readColumns(c, buf []float64, lo, hi int) {
	n := len(s.cols)
	if m, ok := s.data.(tiles.Rows); ok {
		for i := lo; i < hi; i++ {
			row, dst := m.RawRowView(i), c[i*n:(i+1)*n]
			for k, j := range s.cols {
				dst[k] = row[j]
			}
		}
		return
	}
	for k, j := range s.cols {
		tiles.Col(s.data, buf, j, lo)
		for i, v := range buf {
			c[(lo+i)*n+k] = v
		}
	}
}

// readRows sets the lines lo … hi−1 of c to what the rows have there.
func (s *cross) readRows(c, buf []float64, lo, hi int) {
	n := len(s.rows)
	for k, i := range s.rows {
		for j, v := range tiles.Row(s.data, buf, i, lo, hi) {
			c[(lo+j)*n+k] = v
		}
	}
}

// distances leaves the magnitudes |D − UVᵀ| of the observed entries of the rows
// and columns in memory of its own, in no order. What sift left is lost.
func (s *cross) distances(x *lr.Factors) []float64 {
	s.sift(x, -1)
	return s.both[:tiles.Observed(s.both, s.both)]
}

// begin returns from which size on the entries of D − UVᵀ are errors as far as
// one can tell at first: six times their median, or what more than the budget
// exceed; not above the largest.
func (s *cross) begin(x *lr.Factors) (float64, error) {
	far := s.distances(x)
	if len(far) == 0 {
		return 0, fmt.Errorf("solver: IRCUR: nothing is observed in the %d rows and %d columns that it read first; data with more observed entries are wanted, or more Samples: %w", len(s.rows), len(s.cols), lr.ErrEmpty)
	}
	top := slices.Max(far)
	if top > 1e140 || top > 0 && top < 1e-140 {
		return 0, fmt.Errorf("solver: IRCUR: the data are up to %g away from X0; between 1e-140 and 1e140 is wanted, so that squares can be summed; give the data in other units: %w", top, lr.ErrValue)
	}
	const most = 1 << 14 // so many are sorted
	n := min(len(far), most)
	for i := range n {
		far[i] = far[i*len(far)/n]
	}
	slices.Sort(far[:n])
	zeta := max(6*far[n/2], far[max(0, n-1-s.budget(n))])
	if zeta == 0 || zeta > top {
		return top, nil
	}
	return zeta, nil
}

// budget is how many of n entries read may be in S: the share γα of the set,
// and six standard deviations of a sample.
func (s *cross) budget(n int) int {
	return allowed(min(1, s.set.Gamma*s.set.Alpha), n, 6)
}

// allowed is a share of n entries and some standard deviations of how many
// there are of it in a sample, but at most half of the rest.
func allowed(share float64, n int, deviations float64) int {
	mean := share * float64(n)
	return int(mean + min(deviations*math.Sqrt(mean*(1-share)), (float64(n)-mean)/2))
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
	s.down.times(x.U, top.q)
	s.across.times(x.V, top.p)
}
