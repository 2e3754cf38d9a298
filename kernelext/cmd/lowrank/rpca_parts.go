package main

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// parts are the data and what a method made of them.
type parts struct {
	y *mat.Dense // NaN where missing
	l *lr.Factors
	s *lr.Sparse
}

// sums are what a pass over the parts finds.
type sums struct {
	observed int
	data     float64 // ‖Y‖F over the observed entries
	left     float64 // ‖Y − L − S‖F
	lo, hi   float64 // smallest and largest entry of Y
}

func (p *parts) sums() sums {
	t := sums{lo: math.Inf(1), hi: math.Inf(-1)}
	rows, _ := p.y.Dims()
	for i := range rows {
		cols, values := p.s.Row(i)
		at := 0
		for j, v := range p.y.RawRowView(i) {
			sparse := 0.0
			if at < len(cols) && int(cols[at]) == j {
				sparse = values[at]
				at++
			}
			if math.IsNaN(v) {
				continue
			}
			e := v - p.l.At(i, j) - sparse
			t.observed++
			t.data += v * v
			t.left += e * e
			t.lo, t.hi = min(t.lo, v), max(t.hi, v)
		}
	}
	t.data, t.left = math.Sqrt(t.data), math.Sqrt(t.left)
	return t
}

// residual is ‖Y − L − S‖F/‖Y‖F; 0 for data that are all 0.
func (t sums) residual() float64 {
	if t.data == 0 {
		return 0
	}
	return t.left / t.data
}

// deviations of the noise make an entry of S one that stands out.
const deviations = 5

// mostSampled bounds how many entries the noise is estimated from.
const mostSampled = 1 << 20

// noise is 1.4826 times the median of |Y − L|, which is the standard deviation
// of Gaussian noise and takes no notice of outliers that are few; and the
// median of |Y|. Of large data every so many entries are taken.
func (p *parts) noise() (noise, size float64) {
	rows, cols := p.y.Dims()
	step := max(1, rows*cols/mostSampled) | 1 // odd, so that not the same columns come again and again
	for cols%step == 0 && step > 1 {
		step += 2
	}
	var e, y []float64
	for k := 0; k < rows*cols; k += step {
		i, j := k/cols, k%cols
		if v := p.y.At(i, j); !math.IsNaN(v) {
			e, y = append(e, math.Abs(v-p.l.At(i, j))), append(y, math.Abs(v))
		}
	}
	return 1.4826 * median(e), median(y)
}

// median sorts x and returns its lower median; 0 of nothing.
func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	slices.Sort(x)
	return x[(len(x)-1)/2]
}

// beyond counts the entries of S above the threshold.
func (p *parts) beyond(threshold float64) int {
	n := 0
	for _, v := range p.s.Value {
		if math.Abs(v) > threshold {
			n++
		}
	}
	return n
}

// over counts the rows and columns in which more entries of S are above the
// threshold than the set allows of those observed: there, L may be wrong.
func (p *parts) over(set lr.SparseSet, threshold float64) (rows, cols int) {
	d1, d2 := p.y.Dims()
	haveRow, haveCol, inRow, inCol := make([]int, d1), make([]int, d2), make([]int, d1), make([]int, d2)
	for i := range d1 {
		for j, v := range p.y.RawRowView(i) {
			if !math.IsNaN(v) {
				haveRow[i]++
				haveCol[j]++
			}
		}
		at, values := p.s.Row(i)
		for k, v := range values {
			if math.Abs(v) > threshold {
				inRow[i]++
				inCol[at[k]]++
			}
		}
	}
	full := func(in, have []int) (n int) {
		for k := range in {
			if in[k] > set.Most(have[k]) {
				n++
			}
		}
		return n
	}
	return full(inRow, haveRow), full(inCol, haveCol)
}

// singularValues are those of UVᵀ, from QR decompositions of the factors: of
// the order of (d1+d2)r² flops.
func singularValues(x *lr.Factors) ([]float64, error) {
	var left, right, core mat.Dense
	var qr mat.QR
	r := x.Rank()
	for _, f := range []struct {
		of *mat.Dense
		to *mat.Dense
	}{{x.U, &left}, {x.Right(), &right}} {
		qr.Factorize(f.of)
		var whole mat.Dense
		qr.RTo(&whole)
		f.to.CloneFrom(whole.Slice(0, r, 0, r))
	}
	core.Mul(&left, right.T())
	var svd mat.SVD
	if !svd.Factorize(&core, mat.SVDNone) {
		return nil, fmt.Errorf("the singular values of L cannot be computed: its factors are too far from numbers")
	}
	return svd.Values(nil), nil
}

// numericalRank counts the singular values above 1e-10 of the largest.
func numericalRank(sigma []float64) int {
	n := 0
	for _, s := range sigma {
		if s > 1e-10*sigma[0] {
			n++
		}
	}
	return n
}

// computed is a matrix whose entries a function gives.
type computed struct {
	rows, cols int
	at         func(i, j int) float64
}

func (c computed) Dims() (rows, cols int) { return c.rows, c.cols }
func (c computed) At(i, j int) float64    { return c.at(i, j) }
func (c computed) T() mat.Matrix          { return mat.Transpose{Matrix: c} }
func (p *parts) part(at func(i, j int) float64) computed {
	rows, cols := p.y.Dims()
	return computed{rows, cols, at}
}

// pictures are the films of the parts in greys from 0 to 255, black and white
// being the values of the data that are shown so.
func (p *parts) pictures(black, white, threshold float64) []picture {
	scale := 255 / (white - black)
	return []picture{
		{"background", p.part(func(i, j int) float64 { return scale * (p.l.At(i, j) - black) })},
		{"foreground", p.part(func(i, j int) float64 { return scale * math.Abs(p.y.At(i, j)-p.l.At(i, j)) })},
		{"mask", p.part(func(i, j int) float64 {
			if math.Abs(p.s.At(i, j)) > threshold {
				return 255
			}
			return 0
		})},
	}
}

// picture is a film to be written under a name.
type picture struct {
	name string
	x    mat.Matrix
}

// range of greys: films of images are from 0 to 255 whatever occurs in them,
// and so are data that may be; others are shown from their smallest to their
// largest entry.
func greyRange(lo, hi float64) (black, white float64) {
	if lo >= 0 && hi > 1 && hi <= 255 {
		return 0, 255
	}
	if hi <= lo {
		return lo, lo + 1
	}
	return lo, hi
}
