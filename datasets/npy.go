package datasets

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
)

// readNpy reads a file of numpy.save.
func readNpy(s *source) (*Data, error) {
	a, err := s.npy(s.r)
	if err != nil {
		return nil, err
	}
	if _, err := s.r.Peek(1); err == nil {
		return nil, s.errorf(ErrFormat, "there are bytes behind the %d numbers of the array; one array is wanted", len(a.values))
	}
	return s.dataOf(a)
}

// npyHeader is the header of an .npy file.
type npyHeader struct {
	descr   string // as "<f8"
	fortran bool
	shape   []int
}

// npy reads an array. A reader of a member of an .npz file comes through here
// as well.
func (s *source) npy(r io.Reader) (array, error) {
	h, err := s.npyHeader(r)
	if err != nil {
		return array{}, err
	}
	num, err := s.npyNumber(h.descr)
	if err != nil {
		return array{}, err
	}
	n := product(h.shape)
	if n < 0 {
		return array{}, s.errorf(ErrTooLarge, "the header says that the array is %s", shapeString(h.shape))
	}
	values, err := s.numbers(r, num, n)
	return array{shape: h.shape, columnsFirst: h.fortran, values: values}, err
}

// numbers reads n numbers, piece by piece, since n may be a lie. Room for all
// of them is made at once where the file is long enough to hold them.
func (s *source) numbers(r io.Reader, num number, n int) ([]float64, error) {
	var out []float64
	if n <= int(min(s.size/int64(num.size), s.left/8)) {
		out = make([]float64, 0, n)
	}
	buf := make([]byte, 4096*num.size)
	for len(out) < n {
		part := buf[:min(len(buf), (n-len(out))*num.size)]
		got, err := io.ReadFull(r, part)
		if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, s.errorf(ErrFormat, "the file is cut off: %d numbers of %d bytes are announced, %d are there", n, num.size, len(out)+got/num.size)
		} else if err != nil {
			return nil, s.readError(err)
		}
		if err := s.take(int64(8 * len(part) / num.size)); err != nil {
			return nil, err
		}
		out = append(out, num.floats(part)...)
	}
	return out, nil
}

func (s *source) npyHeader(r io.Reader) (npyHeader, error) {
	var lead [8]byte
	if _, err := io.ReadFull(r, lead[:]); err != nil || string(lead[:6]) != "\x93NUMPY" {
		return npyHeader{}, s.errorf(ErrFormat, "it does not begin as a file of numpy.save does (\\x93NUMPY and a version)")
	}
	size := 2
	switch lead[6] {
	case 1:
	case 2, 3:
		size = 4
	default:
		return npyHeader{}, s.errorf(ErrFormat, "version %d.%d of the .npy format is not known; 1, 2 and 3 are", lead[6], lead[7])
	}
	var length [4]byte
	if _, err := io.ReadFull(r, length[:size]); err != nil {
		return npyHeader{}, s.errorf(ErrFormat, "the file is cut off in its header")
	}
	n := int64(binary.LittleEndian.Uint32(length[:]))
	if n > 1<<20 {
		return npyHeader{}, s.errorf(ErrFormat, "the header of %d bytes is too long; at most 2²⁰ are wanted", n)
	}
	text, err := io.ReadAll(io.LimitReader(r, n))
	if err != nil || int64(len(text)) < n {
		return npyHeader{}, s.errorf(ErrFormat, "the file is cut off in its header")
	}
	h, ok := parseNpyHeader(text)
	if !ok {
		return npyHeader{}, s.errorf(ErrFormat, "the header %.200q is not one that NumPy writes for an array of numbers, {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }", text)
	}
	return h, nil
}

// parseNpyHeader reads the literal of a Python dictionary with its three keys.
func parseNpyHeader(text []byte) (h npyHeader, ok bool) {
	rest := bytes.TrimSpace(text)
	word := func(w string) bool {
		rest = bytes.TrimLeft(rest, " \n")
		after, found := bytes.CutPrefix(rest, []byte(w))
		if found {
			rest = after
		}
		return found
	}
	quoted := func() (string, bool) {
		q := "'"
		if !word(q) {
			if q = `"`; !word(q) {
				return "", false
			}
		}
		in, after, found := bytes.Cut(rest, []byte(q))
		rest = after
		return string(in), found
	}
	if !word("{") {
		return h, false
	}
	seen := map[string]bool{}
	for !word("}") {
		key, found := quoted()
		if !found || seen[key] || !word(":") {
			return h, false
		}
		seen[key] = true
		switch key {
		case "descr":
			h.descr, ok = quoted()
			if !ok { // a list: fields of a structure
				h.descr, ok = "structure", word("[")
				_, after, found := bytes.Cut(rest, []byte("]"))
				rest, ok = after, ok && found
			}
		case "fortran_order":
			h.fortran = word("True")
			ok = h.fortran || word("False")
		case "shape":
			h.shape, ok = parseTuple(word, &rest)
		default:
			return h, false
		}
		if !ok {
			return h, false
		}
		word(",")
	}
	return h, len(seen) == 3 && len(bytes.TrimSpace(rest)) == 0
}

// parseTuple reads what follows as a tuple of lengths.
func parseTuple(word func(string) bool, rest *[]byte) (shape []int, ok bool) {
	if !word("(") {
		return nil, false
	}
	for !word(")") {
		word("")
		n := 0
		for n < len(*rest) && (*rest)[n] >= '0' && (*rest)[n] <= '9' {
			n++
		}
		side, err := strconv.Atoi(string((*rest)[:n]))
		if err != nil || len(shape) == 32 {
			return nil, false
		}
		*rest = (*rest)[n:]
		word("L") // Python 2
		shape = append(shape, side)
		if !word(",") && !bytes.HasPrefix(bytes.TrimLeft(*rest, " "), []byte(")")) {
			return nil, false
		}
	}
	return shape, true
}

// npyNumber reads a type descriptor.
func (s *source) npyNumber(descr string) (number, error) {
	if len(descr) >= 3 && strings.ContainsRune("<>|=", rune(descr[0])) {
		size, err := strconv.Atoi(descr[2:])
		num := number{kind: descr[1], size: size, big: descr[0] == '>'}
		if err == nil && num.ok() {
			return num, nil
		}
	}
	const accepted = "floats of 2, 4 or 8 bytes, integers and truth values are"
	kind := byte(0)
	if len(descr) > 1 {
		kind = descr[1]
	}
	switch {
	case kind == 'O':
		return number{}, s.errorf(ErrFormat, "the array holds Python objects in a pickle, which can run programs when it is read and so is not; make it one of numbers first: numpy.asarray(x, dtype=float)")
	case kind == 'c':
		return number{}, s.errorf(ErrFormat, "the array is complex (%s), which is not read; %s: save its real and imaginary parts", descr, accepted)
	case descr == "structure":
		return number{}, s.errorf(ErrFormat, "the array has fields (a structured dtype), which is not read; %s: save one field", accepted)
	}
	return number{}, s.errorf(ErrFormat, "the array has the dtype %q, which is not read; %s", descr, accepted)
}

// integers checks that values are whole numbers from 0 below limit.
func integers(values []float64, limit int) ([]int, bool) {
	out := make([]int, len(values))
	for k, v := range values {
		if !(v >= 0 && v < float64(limit)) || v != math.Trunc(v) {
			return nil, false
		}
		out[k] = int(v)
	}
	return out, true
}
