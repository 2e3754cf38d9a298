package hdf5

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"math"
)

// Type is how a dataset stores its numbers.
type Type struct {
	Kind byte // 'f' float, 'i' signed, 'u' unsigned
	Size int  // bytes
	Big  bool // the most significant byte comes first
}

// Dataset is an array of numbers.
type Dataset struct {
	Dims []int // the last axis is the fastest
	Type Type
	f    *File
	n    int // numbers
	o    *Object
}

// maxNumbers bounds the product of a dataset's sides, so that its bytes can be
// counted.
const maxNumbers = math.MaxInt / 8

// maxRatio is more than deflate can compress: 1032 to 1. A dataset that says
// that it is larger than this many times its file lies.
const maxRatio = 1100

// Dataset reads shape and type.
func (o *Object) Dataset() (*Dataset, error) {
	space, okSpace := o.message(msgDataspace)
	typ, okType := o.message(msgDatatype)
	if !okSpace || !okType || !o.IsDataset() {
		return nil, errorf("%q is no dataset of numbers", o.Name)
	}
	d := &Dataset{f: o.f, o: o, n: 1}
	var err error
	if d.Dims, err = o.f.dims(space); err != nil {
		return nil, err
	}
	for _, side := range d.Dims {
		if side > 0 && d.n > maxNumbers/side {
			return nil, errorf("%q has the shape %v, which is too large", o.Name, d.Dims)
		}
		d.n *= side
	}
	d.Type, err = numberType(o.Name, typ)
	return d, err
}

func (f *File) dims(data []byte) ([]int, error) {
	c := &cursor{b: data}
	version, rank := c.u(1), int(c.u(1))
	c.skip(1)
	switch version {
	case 1:
		c.skip(5)
	case 2:
		if c.u(1) == 2 {
			return nil, errorf("a dataset is null")
		}
	default:
		return nil, errorf("dataspace version %d", version)
	}
	dims := make([]int, 0, rank) // rank is at most 255
	for range rank {
		side := c.u(f.lenSize)
		if c.bad || side > maxNumbers {
			return nil, errorf("the shape of a dataset is damaged")
		}
		dims = append(dims, int(side))
	}
	return dims, nil
}

var classes = []string{"integers", "floats", "times", "text", "bit fields", "opaque bytes", "structures", "references", "an enumeration", "lists", "arrays"}

func numberType(name string, data []byte) (Type, error) {
	c := &cursor{b: data}
	class := int(c.u(1)) & 15
	bits := c.u(3)
	size := int(c.u(4))
	t := Type{Size: size, Big: bits&1 != 0}
	switch {
	case c.bad:
		return t, errorf("the type of %q is cut off", name)
	case class == 0 && (size == 1 || size == 2 || size == 4 || size == 8):
		t.Kind = 'u'
		if bits&8 != 0 {
			t.Kind = 'i'
		}
	case class == 1 && (size == 2 || size == 4 || size == 8):
		c.skip(5)
		if exponent := c.u(1); c.bad || exponent != map[int]uint64{2: 5, 4: 8, 8: 11}[size] {
			return t, errorf("%q holds floats that are not IEEE 754", name)
		}
		t.Kind = 'f'
	case class < len(classes) && class > 1:
		return t, errorf("%q holds %s; numbers are wanted", name, classes[class])
	default:
		return t, errorf("%q holds numbers of %d bytes; 1, 2, 4 and 8 are read", name, size)
	}
	return t, nil
}

// Bytes returns the numbers as they are stored, the last axis fastest.
func (d *Dataset) Bytes() ([]byte, error) {
	size := int64(d.n) * int64(d.Type.Size)
	if size > int64(len(d.f.b))*maxRatio+1<<16 {
		return nil, errorf("%q would hold %d bytes, more than a file of %d bytes can", d.o.Name, size, len(d.f.b))
	}
	if d.f.budget -= size; d.f.budget < 0 {
		return nil, errorf("%q holds %d bytes, more than are allowed", d.o.Name, size)
	}
	data, _ := d.o.message(msgLayout)
	c := &cursor{b: data}
	version, class := c.u(1), c.u(1)
	if version != 3 && (version != 4 || class == 2) {
		return nil, errorf("%q is laid out in a way that is not read (version %d, class %d); write the file with the older format (in h5py, without libver=\"latest\")", d.o.Name, version, class)
	}
	_, filtered := d.o.message(msgFilters)
	switch class {
	case 0:
		return d.stored(c.bytes(int(c.u(2))), size)
	case 1:
		addr := c.u(d.f.offSize)
		if addr == undefined { // nothing was ever written
			return make([]byte, size), nil
		}
		return d.stored(d.f.at(addr).bytes(int(size)), size)
	case 2:
		return d.chunked(c, filtered, int(size))
	}
	return nil, errorf("%q has a layout that is not known (%d)", d.o.Name, class)
}

func (d *Dataset) stored(b []byte, size int64) ([]byte, error) {
	if int64(len(b)) < size {
		return nil, errorf("%q is cut off: %d bytes of %d are there", d.o.Name, len(b), size)
	}
	return b[:size], nil
}

// chunked puts the chunks together. A chunk that is not in the file is zero.
func (d *Dataset) chunked(c *cursor, filtered bool, size int) ([]byte, error) {
	rank := int(c.u(1)) - 1
	tree := c.u(d.f.offSize)
	if c.bad || rank != len(d.Dims) || rank < 1 {
		return nil, errorf("the chunks of %q are damaged", d.o.Name)
	}
	chunk := make([]int, rank)
	bytesOf := d.Type.Size
	for k := range chunk {
		chunk[k] = int(c.u(4))
		if c.bad || chunk[k] <= 0 || bytesOf > math.MaxInt/chunk[k] {
			return nil, errorf("the chunks of %q are damaged", d.o.Name)
		}
		bytesOf *= chunk[k]
	}
	var filters []filter
	if filtered {
		data, _ := d.o.message(msgFilters)
		var err error
		if filters, err = parseFilters(d.o.Name, data); err != nil {
			return nil, err
		}
	}
	out := make([]byte, size)
	if tree == undefined {
		return out, nil
	}
	nodes, left := d.f.maxNodes(), len(d.f.b) // no part of the file is read twice
	origin := make([]int, rank)
	var z inflater
	err := d.f.tree(tree, 1, 8+8*(rank+1), &nodes, func(key []byte, child uint64) error {
		k := &cursor{b: key}
		stored, mask := int(k.u(4)), k.u(4)
		for a := range origin {
			at := k.u(8)
			if at >= uint64(d.Dims[a]) {
				return errorf("a chunk of %q lies outside", d.o.Name)
			}
			origin[a] = int(at)
		}
		raw := d.f.at(child).bytes(stored)
		if raw == nil {
			return errorf("a chunk of %q is cut off", d.o.Name)
		}
		if left -= stored; left < 0 || stored == 0 {
			return errorf("the chunks of %q overlap", d.o.Name)
		}
		if d.f.budget -= int64(bytesOf); d.f.budget < 0 {
			return errorf("the chunks of %q hold more bytes than are allowed", d.o.Name)
		}
		raw, err := z.undo(filters, mask, raw, bytesOf)
		if err != nil {
			return errorf("a chunk of %q: %v", d.o.Name, err)
		}
		place(out, d.Dims, raw, chunk, origin, d.Type.Size)
		return nil
	})
	return out, err
}

// place copies a chunk, whose part outside the dataset is left out.
func place(out []byte, dims []int, raw []byte, chunk, origin []int, size int) {
	last := len(dims) - 1
	run := min(chunk[last], dims[last]-origin[last]) * size
	at := make([]int, last) // within the chunk, all axes but the last
	for {
		from, to, inside := 0, 0, true
		for a := range last {
			from = from*chunk[a] + at[a]
			to = to*dims[a] + origin[a] + at[a]
			inside = inside && origin[a]+at[a] < dims[a]
		}
		if inside {
			copy(out[(to*dims[last]+origin[last])*size:], raw[from*chunk[last]*size:][:run])
		}
		a := last - 1
		for ; a >= 0; a-- {
			if at[a]++; at[a] < chunk[a] && origin[a]+at[a] < dims[a] {
				break
			}
			at[a] = 0
		}
		if a < 0 {
			return
		}
	}
}

// filter is a step that a chunk went through when it was written.
type filter struct {
	id   int
	size int // of a number, for shuffle
}

const (
	deflate    = 1
	shuffle    = 2
	fletcher32 = 3
)

func parseFilters(name string, data []byte) ([]filter, error) {
	c := &cursor{b: data}
	version, n := c.u(1), int(c.u(1))
	if version == 1 {
		c.skip(6)
	}
	var out []filter
	for range n {
		f := filter{id: int(c.u(2))}
		nameSize := 0
		if version == 1 || f.id >= 256 {
			nameSize = int(c.u(2))
		}
		c.skip(2)
		values := int(c.u(2))
		if version == 1 {
			nameSize = (nameSize + 7) / 8 * 8
		}
		c.skip(nameSize)
		for k := range values {
			if v := int(c.u(4)); k == 0 {
				f.size = v
			}
		}
		if version == 1 && values%2 != 0 {
			c.skip(4)
		}
		switch {
		case c.bad:
			return nil, errorf("the filters of %q are damaged", name)
		case f.id != deflate && f.id != shuffle && f.id != fletcher32:
			return nil, errorf("%q is stored through filter %d, which is not read; deflate (gzip), shuffle and Fletcher-32 are", name, f.id)
		}
		out = append(out, f)
	}
	return out, nil
}

// inflater decompresses one chunk after the other in the same memory.
type inflater struct{ z io.ReadCloser }

func (f *inflater) read(raw []byte, most int) (out []byte, err error) {
	if f.z == nil {
		f.z, err = zlib.NewReader(bytes.NewReader(raw))
	} else {
		err = f.z.(zlib.Resetter).Reset(bytes.NewReader(raw), nil)
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(f.z, int64(most)))
}

// undo takes raw back through the filters to exactly size bytes.
func (f *inflater) undo(filters []filter, mask uint64, raw []byte, size int) ([]byte, error) {
	for k := len(filters) - 1; k >= 0; k-- {
		if mask>>k&1 != 0 {
			continue
		}
		switch step := filters[k]; step.id {
		case deflate:
			// 4 bytes more than the numbers: a checksum that was compressed too.
			var err error
			if raw, err = f.read(raw, size+5); err != nil {
				return nil, err
			}
		case fletcher32:
			if len(raw) < 4 {
				return nil, errors.New("the checksum is cut off")
			}
			raw = raw[:len(raw)-4]
		case shuffle:
			raw = unshuffle(raw, step.size)
		}
	}
	if len(raw) != size {
		return nil, fmt.Errorf("it has %d bytes; %d are wanted", len(raw), size)
	}
	return raw, nil
}

// unshuffle brings the bytes of each number together again.
func unshuffle(raw []byte, size int) []byte {
	if size <= 1 || size > len(raw) {
		return raw
	}
	n := len(raw) / size
	out := make([]byte, len(raw))
	copy(out[n*size:], raw[n*size:])
	for b := range size {
		for k := range n {
			out[k*size+b] = raw[b*n+k]
		}
	}
	return out
}
