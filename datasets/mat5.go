package datasets

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"
)

// Types of data elements, and classes of arrays, in MATLAB's level 5 format
// (MathWorks, MAT-File Format, chapter 1).
const (
	miMatrix     = 14
	miCompressed = 15

	mxSparse = 5
	mxDouble = 6
	mxUint64 = 15
)

// miNumbers are the types of elements that hold numbers.
var miNumbers = map[uint32]number{
	1: {kind: 'i', size: 1}, 2: {kind: 'u', size: 1}, 3: {kind: 'i', size: 2}, 4: {kind: 'u', size: 2},
	5: {kind: 'i', size: 4}, 6: {kind: 'u', size: 4}, 7: {kind: 'f', size: 4}, 9: {kind: 'f', size: 8},
	12: {kind: 'i', size: 8}, 13: {kind: 'u', size: 8},
}

var mxClasses = map[uint32]string{1: "cell array", 2: "struct", 3: "object", 4: "text", 16: "function", 17: "object"}

func isMat5(b []byte) bool {
	return len(b) >= 128 && (string(b[124:128]) == "\x00\x01IM" || string(b[124:128]) == "\x01\x00MI")
}

// isMat4 guesses at the format of MATLAB 4, which has no magic: five numbers,
// type, rows, columns, complex or not, and the length of a name.
func isMat4(b []byte) bool {
	if len(b) < 20 {
		return false
	}
	u := binary.LittleEndian.Uint32
	return u(b) < 1000 && u(b[12:]) <= 1 && u(b[16:]) > 0 && u(b[16:]) < 64
}

// mat5 walks through the elements of a file, or of one element.
type mat5 struct {
	s     *source
	b     []byte
	order binary.ByteOrder
	at    int // of b in the file, for messages; −1 when b was compressed
	pos   int
}

func (m *mat5) errorf(format string, args ...any) error {
	if m.at < 0 {
		return m.s.errorf(ErrFormat, "in a compressed variable, "+format, args...)
	}
	return m.s.errorf(ErrFormat, "byte %d: "+format, append([]any{m.at + m.pos}, args...)...)
}

// next returns the type and the data of the next element.
func (m *mat5) next() (kind uint32, data []byte, err error) {
	rest := m.b[m.pos:]
	if len(rest) < 8 {
		return 0, nil, m.errorf("the file is cut off: an element of at least 8 bytes is awaited, %d are there", len(rest))
	}
	kind, n := m.order.Uint32(rest), uint64(m.order.Uint32(rest[4:]))
	if small := kind >> 16; small != 0 { // type, length and up to 4 bytes of data in 8 bytes
		if small > 4 {
			return 0, nil, m.errorf("an element of %d bytes in the place of 4", small)
		}
		m.pos += 8
		return kind & 0xffff, rest[4 : 4+small], nil
	}
	if n > uint64(len(rest)-8) {
		return 0, nil, m.errorf("the file is cut off: an element of %d bytes is announced, %d are there", n, len(rest)-8)
	}
	m.pos += 8 + int(n)
	if pad := -int(n) & 7; kind != miCompressed {
		m.pos = min(m.pos+pad, len(m.b))
	}
	return kind, rest[8 : 8+n], nil
}

// mat5Var is a variable of a file: its head, and the elements behind it.
type mat5Var struct {
	name    string
	class   uint32
	complex bool
	shape   []int
	body    mat5
}

// readMat5 reads a variable of a MATLAB file of version 5 to 7.
func readMat5(s *source) (*Data, error) {
	b, err := s.all()
	if err != nil {
		return nil, err
	}
	if !isMat5(b) {
		return nil, s.errorf(ErrFormat, "it does not begin as a MATLAB file of version 5 to 7 does (a text of 124 bytes, version 1, IM or MI)")
	}
	m := &mat5{s: s, b: b[128:], order: binary.LittleEndian, at: 128}
	if b[126] == 'M' {
		m.order = binary.BigEndian
	}
	found := map[string]mat5Var{}
	var names, others []string
	for m.pos < len(m.b) {
		v, ok, err := m.variable()
		if err != nil {
			return nil, err
		}
		switch {
		case !ok || v.name == "":
		case v.class >= mxSparse && v.class <= mxUint64:
			if _, twice := found[v.name]; !twice {
				names = append(names, v.name)
			}
			found[v.name] = v
		default:
			others = append(others, v.name+" ("+mxClasses[v.class]+")")
		}
	}
	if len(names) == 0 && len(others) > 0 {
		return nil, s.errorf(ErrEmpty, "it holds no array of numbers, but %q", others)
	}
	name, err := s.choose(names)
	if err != nil {
		return nil, err
	}
	d, err := s.mat5Data(found[name])
	if err == nil {
		d.Variable = name
	}
	return d, err
}

// variable reads the head of the next variable; ok is false for other elements.
func (m *mat5) variable() (v mat5Var, ok bool, err error) {
	start := m.pos
	kind, data, err := m.next()
	if err != nil {
		return v, false, err
	}
	at := m.at + start + 8
	if kind == miCompressed {
		if data, err = m.s.inflate(data); err != nil {
			return v, false, err
		}
		inner := &mat5{s: m.s, b: data, order: m.order, at: -1}
		if kind, data, err = inner.next(); err != nil {
			return v, false, err
		}
		at = -1
	}
	if kind != miMatrix || len(data) == 0 {
		return v, false, nil
	}
	v.body = mat5{s: m.s, b: data, order: m.order, at: at}
	return v, true, v.head()
}

// head reads flags, shape and name.
func (v *mat5Var) head() error {
	b := &v.body
	_, flags, err := b.next()
	if err != nil {
		return err
	}
	if len(flags) < 8 {
		return b.errorf("the flags of a variable have %d bytes; 8 are wanted", len(flags))
	}
	word := b.order.Uint32(flags)
	v.class, v.complex = word&0xff, word&0x800 != 0
	_, dims, err := b.next()
	if err != nil {
		return err
	}
	if len(dims) > 4*32 {
		return b.errorf("a variable has %d axes; at most 32 are wanted", len(dims)/4)
	}
	for k := 0; k+4 <= len(dims); k += 4 {
		v.shape = append(v.shape, int(int32(b.order.Uint32(dims[k:]))))
	}
	_, name, err := b.next()
	v.name = string(name)
	return err
}

// inflate undoes zlib as far as MaxBytes allows.
func (s *source) inflate(b []byte) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, s.errorf(ErrFormat, "a compressed variable is damaged: %v", err)
	}
	out, err := io.ReadAll(&limited{s, z})
	if err != nil {
		if errors.Is(err, ErrTooLarge) {
			return nil, err
		}
		return nil, s.errorf(ErrFormat, "a compressed variable is damaged: %v", err)
	}
	return out, nil
}

// mat5Data reads the numbers of a variable.
func (s *source) mat5Data(v mat5Var) (*Data, error) {
	n := product(v.shape)
	switch {
	case v.complex:
		return nil, s.errorf(ErrFormat, "variable %s is complex, which is not read; save its real and imaginary parts", v.name)
	case n < 0 || len(v.shape) < 2:
		return nil, s.errorf(ErrFormat, "variable %s has the shape %v; two sides at least, none negative, are wanted", v.name, v.shape)
	case v.class == mxSparse:
		return s.mat5Sparse(v)
	}
	values, err := v.numbers(n)
	if err != nil {
		return nil, err
	}
	return s.dataOf(array{shape: v.shape, columnsFirst: true, values: values})
}

// numbers reads the next element as want numbers, or with want < 0 as many as
// there are. MATLAB stores numbers in the smallest type that holds them.
func (v *mat5Var) numbers(want int) ([]float64, error) {
	b := &v.body
	kind, data, err := b.next()
	if err != nil {
		return nil, err
	}
	num, ok := miNumbers[kind]
	num.big = b.order == binary.BigEndian
	switch {
	case !ok:
		return nil, b.errorf("variable %s holds elements of type %d; numbers are wanted", v.name, kind)
	case want >= 0 && (len(data)%num.size != 0 || len(data)/num.size != want):
		return nil, b.errorf("variable %s has %d bytes of numbers; %d numbers of %d bytes are wanted (%s)", v.name, len(data), want, num.size, shapeString(v.shape))
	}
	if err := b.s.take(8 * int64(len(data)/num.size)); err != nil {
		return nil, err
	}
	return num.floats(data), nil
}

// mat5Sparse reads compressed columns: row indices, where columns begin, values.
func (s *source) mat5Sparse(v mat5Var) (*Data, error) {
	var parts [3][]float64
	for k := range parts {
		var err error
		if parts[k], err = v.numbers(-1); err != nil {
			return nil, err
		}
	}
	return s.matSparse(v.shape[0], v.shape[1], parts[0], parts[1], parts[2])
}

// matSparse makes Data of a sparse matrix of MATLAB. There may be room for
// more values than are used.
func (s *source) matSparse(rows, cols int, indices, from, values []float64) (*Data, error) {
	if rows > maxSide || cols > maxSide {
		return nil, s.errorf(ErrTooLarge, "the sparse matrix is %d×%d; sides below 2³¹ are wanted", rows, cols)
	}
	t := newTriplets(s, FromOne, rows, cols)
	if err := t.addCompressed(from, indices, values, cols, true); err != nil {
		return nil, err
	}
	d, err := t.data("stored element")
	if err == nil {
		d.note("sparse: stored elements are observed, others missing")
	}
	return d, err
}
