package tune

import (
	"math"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
)

const (
	far    = 4  // a line whose s is so many times that of all has not been found yet
	enough = 10 // probes that a line needs to go by its own
)

// measure sets s, ofRow, ofCol and apart.
func (f *fit) measure() {
	f.residuals()
	copy(f.some, f.near)
	f.s = deviation(f.some)
	f.apart = 0
	clear(f.ofRow)
	clear(f.ofCol)
	for from := 0; from < len(f.probes); {
		i, to := f.probes[from].i, from
		for ; to < len(f.probes) && f.probes[to].i == i; to++ {
			f.some[to-from] = f.near[to]
		}
		f.ofRow[i] = f.own(f.some[:to-from])
		from = to
	}
	for from := 0; from < len(f.byCol); {
		j, to := f.probes[f.byCol[from]].j, from
		for ; to < len(f.byCol) && f.probes[f.byCol[to]].j == j; to++ {
			f.some[to-from] = f.near[f.byCol[to]]
		}
		f.ofCol[j] = f.own(f.some[:to-from])
		from = to
	}
}

// own returns the median of a line that goes by its own, else 0, and adds it up.
func (f *fit) own(near []float64) float64 {
	if len(near) < enough {
		return 0
	}
	s := deviation(near)
	if !(s > far*f.s) || math.IsInf(s, 1) {
		return 0
	}
	f.apart += s / scale
	return s / scale
}

// deviation is the standard deviation of normal residuals by their median
// magnitude; it leaves them in disorder.
func deviation(near []float64) float64 {
	return scale * tiles.Largest(near, (len(near)+1)/2)
}

// residuals sets near to |y − uv| of the probes; what overflows counts as large.
func (f *fit) residuals() {
	for at, p := range f.probes {
		e := p.y
		if f.k > 0 {
			j := int(p.j)
			for l, u := range f.u.RawRowView(int(p.i)) {
				e -= float64(u * f.vt[l*f.d2+j])
			}
		}
		if f.near[at] = math.Abs(e); math.IsNaN(e) {
			f.near[at] = math.Inf(1)
		}
	}
}

// outside is the share of the probes that the fit leaves out.
func (f *fit) outside() float64 {
	limit := max(wide*f.s, dust*f.typical)
	f.residuals()
	n := 0
	for _, d := range f.near {
		if d > limit {
			n++
		}
	}
	return float64(n) / float64(len(f.near))
}
