package datasets

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// number is how a file stores a number.
type number struct {
	kind byte // 'f' float, 'i' signed, 'u' unsigned, 'b' truth value
	size int  // bytes
	big  bool // the most significant byte comes first
}

func (n number) ok() bool {
	switch n.kind {
	case 'f':
		return n.size == 2 || n.size == 4 || n.size == 8
	case 'i', 'u':
		return n.size == 1 || n.size == 2 || n.size == 4 || n.size == 8
	}
	return n.kind == 'b' && n.size == 1
}

// at reads the number at the beginning of b, which has n.size bytes.
func (n number) at(b []byte) float64 {
	var x uint64
	switch {
	case n.size == 1:
		x = uint64(b[0])
	case n.size == 2 && n.big:
		x = uint64(binary.BigEndian.Uint16(b))
	case n.size == 2:
		x = uint64(binary.LittleEndian.Uint16(b))
	case n.size == 4 && n.big:
		x = uint64(binary.BigEndian.Uint32(b))
	case n.size == 4:
		x = uint64(binary.LittleEndian.Uint32(b))
	case n.big:
		x = binary.BigEndian.Uint64(b)
	default:
		x = binary.LittleEndian.Uint64(b)
	}
	return n.value(x)
}

// value makes a number of its bits.
func (n number) value(x uint64) float64 {
	switch {
	case n.kind == 'i':
		shift := 64 - 8*n.size
		return float64(int64(x<<shift) >> shift)
	case n.kind == 'b' && x != 0:
		return 1
	case n.kind != 'f':
		return float64(x)
	case n.size == 2:
		return half(uint16(x))
	case n.size == 4:
		return float64(math.Float32frombits(uint32(x)))
	}
	return math.Float64frombits(x)
}

// half is the value of an IEEE 754 number of 16 bits.
func half(x uint16) float64 {
	sign, exp, frac := float64(1), int(x>>10&31), float64(x&1023)
	if x>>15 != 0 {
		sign = -1
	}
	switch {
	case exp == 0:
		return sign * math.Ldexp(frac, -24)
	case exp < 31:
		return sign * math.Ldexp(1024+frac, exp-25)
	case frac == 0:
		return math.Inf(int(sign))
	}
	return math.NaN()
}

// floats reads as many numbers as raw holds.
func (n number) floats(raw []byte) []float64 {
	out := make([]float64, len(raw)/n.size)
	for k := range out {
		out[k] = n.at(raw[k*n.size:])
	}
	return out
}

// array is an array of numbers of a file that are all there.
type array struct {
	shape        []int
	columnsFirst bool // the first axis is the fastest, as in Fortran and MATLAB
	values       []float64
}

// product is the number of entries of a shape, or -1 when a side is negative or
// the bytes of so many numbers cannot be counted.
func product(shape []int) int {
	const most = math.MaxInt / 64
	n := 1
	for _, side := range shape {
		if side < 0 || side > most || side > 0 && n > most/side {
			return -1
		}
		n *= side
	}
	return n
}

func shapeString(shape []int) string {
	if len(shape) == 0 {
		return "a single number"
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", "×"), "[]")
}

// dataOf makes a matrix of an array: a number is 1×1, a vector one column, an
// array of three axes a film.
func (s *source) dataOf(a array) (*Data, error) {
	if len(a.values) == 0 { // and not after going through 2⁴⁰ empty frames
		return nil, s.errorf(ErrEmpty, "the array is %s; at least one entry is wanted", shapeString(a.shape))
	}
	switch len(a.shape) {
	case 0:
		return s.newDense(1, 1, a.values)
	case 1:
		return s.newDense(a.shape[0], 1, a.values)
	case 2:
		if a.columnsFirst {
			return s.newDense(a.shape[0], a.shape[1], transposed(a.values, a.shape[1], a.shape[0]))
		}
		return s.newDense(a.shape[0], a.shape[1], a.values)
	case 3:
		return s.film(a)
	}
	return nil, s.errorf(ErrShape, "the array has %d axes (%s); a number, a vector, a matrix or a film of 3 axes is wanted: reshape it first", len(a.shape), shapeString(a.shape))
}

// transposed returns the transpose of a rows×cols matrix.
func transposed(x []float64, rows, cols int) []float64 {
	out := make([]float64, len(x))
	for i := range rows {
		for j := range cols {
			out[j*rows+i] = x[i*cols+j]
		}
	}
	return out
}

// film makes a matrix of an array of frames: NumPy's frame × height × width, or
// MATLAB's height × width × frame.
func (s *source) film(a array) (*Data, error) {
	frames, h, w := a.shape[0], a.shape[1], a.shape[2]
	order := "frame × height × width"
	if a.columnsFirst {
		h, w, frames = a.shape[0], a.shape[1], a.shape[2]
		order = "height × width × frame"
	}
	values := make([]float64, len(a.values)) // a row for each frame
	for k := range frames {
		for y := range h {
			for x := range w {
				from := (k*h+y)*w + x
				if a.columnsFirst {
					from = (k*w+x)*h + y
				}
				values[(k*h+y)*w+x] = a.values[from]
			}
		}
	}
	d, err := s.framesData(frames, h, w, values)
	if err == nil {
		d.note("axes: %s", order)
	}
	return d, err
}

// framesData makes a matrix of frames, of which values has a row each.
func (s *source) framesData(frames, h, w int, values []float64) (*Data, error) {
	var d *Data
	var err error
	if s.o.FramesAsRows {
		d, err = s.newDense(frames, h*w, values)
	} else {
		d, err = s.newDense(h*w, frames, transposed(values, frames, h*w))
	}
	if err != nil {
		return nil, err
	}
	d.Height, d.Width = h, w
	if s.o.FramesAsRows {
		d.frameRows = true
		d.note("frames: a row each")
	} else {
		d.note("frames: a column each")
	}
	return d, nil
}
