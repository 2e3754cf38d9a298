package datasets

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strings"
)

// readNpz reads one array of a file of numpy.savez, or the matrix of one of
// scipy.sparse.save_npz.
func readNpz(s *source) (*Data, error) {
	b, err := s.all()
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, s.errorf(ErrFormat, "it begins like a zip archive, as .npz is, but: %v", err)
	}
	members := map[string]*zip.File{}
	for _, f := range z.File {
		if name, ok := strings.CutSuffix(f.Name, ".npy"); ok {
			members[name] = f
		} else if strings.HasPrefix(f.Name, "xl/") {
			return nil, s.errorf(ErrFormat, "this is an Excel workbook, which is not read; save the sheet as CSV")
		}
	}
	if members["format"] != nil && members["shape"] != nil && members["data"] != nil && s.o.Variable == "" {
		return s.scipySparse(members)
	}
	var names []string
	for name := range members {
		names = append(names, name)
	}
	name, err := s.choose(names)
	if err != nil {
		return nil, err
	}
	a, err := s.member(members[name])
	if err != nil {
		return nil, err
	}
	d, err := s.dataOf(a)
	if err == nil {
		d.Variable = name
	}
	return d, err
}

// choose picks the array that the options name, or the only one.
func (s *source) choose(names []string) (string, error) {
	slices.Sort(names)
	list := strings.Join(names, ", ")
	if len(names) > 20 {
		list = strings.Join(names[:20], ", ") + ", …"
	}
	switch want := s.o.Variable; {
	case len(names) == 0:
		return "", s.errorf(ErrEmpty, "it holds no array of numbers")
	case want == "" && len(names) == 1:
		return names[0], nil
	case want == "":
		return "", s.errorf(ErrValue, "it holds %d arrays: %s; set Variable to one of them", len(names), list)
	case !slices.Contains(names, want):
		return "", s.errorf(ErrValue, "it holds no array %q; there are %s", want, list)
	}
	return s.o.Variable, nil
}

// member reads an array out of the archive.
func (s *source) member(f *zip.File) (array, error) {
	r, err := f.Open()
	if err != nil {
		return array{}, s.errorf(ErrFormat, "array %s: %v", f.Name, err)
	}
	defer r.Close()
	within := *s
	within.name = s.name + " (" + f.Name + ")"
	bounded := &limited{s, r}
	a, err := within.npy(bounded)
	s.left = min(s.left, within.left)
	if err != nil {
		return array{}, err
	}
	// Reading on to the end checks the checksum.
	if n, err := io.Copy(io.Discard, bounded); err != nil {
		return array{}, s.errorf(ErrFormat, "array %s: %v", f.Name, err)
	} else if n > 0 {
		return array{}, s.errorf(ErrFormat, "array %s: there are %d bytes behind it", f.Name, n)
	}
	return a, nil
}

// scipySparse reads a sparse matrix in the formats csr, csc and coo.
func (s *source) scipySparse(members map[string]*zip.File) (*Data, error) {
	format, err := s.word(members["format"])
	if err != nil {
		return nil, err
	}
	get := map[string]array{}
	for _, name := range []string{"shape", "data", "indices", "indptr", "row", "col", "coords"} {
		if members[name] == nil {
			continue
		}
		if get[name], err = s.member(members[name]); err != nil {
			return nil, err
		}
	}
	shape, ok := integers(get["shape"].values, maxSide+1)
	if !ok || len(shape) != 2 {
		return nil, s.errorf(ErrFormat, "the sparse matrix has the shape %v; two sides below 2³¹ are wanted", get["shape"].values)
	}
	t := newTriplets(s, FromZero, shape[0], shape[1])
	values := get["data"].values
	switch format {
	case "coo":
		rows, cols := get["row"].values, get["col"].values
		if both := get["coords"].values; len(both) == 2*len(values) && len(both) > 0 {
			rows, cols = both[:len(values)], both[len(values):]
		}
		err = t.addAll(rows, cols, values)
	case "csr":
		err = t.addCompressed(get["indptr"].values, get["indices"].values, values, shape[0], false)
	case "csc":
		err = t.addCompressed(get["indptr"].values, get["indices"].values, values, shape[1], true)
	default:
		return nil, s.errorf(ErrFormat, "the sparse matrix is in the format %q; csr, csc and coo are read (x.tocsr())", format)
	}
	if err != nil {
		return nil, err
	}
	d, err := t.data("stored element")
	if err == nil {
		d.note("sparse (%s): stored elements are observed, others missing", format)
	}
	return d, err
}

// word reads an array that holds one short word of bytes.
func (s *source) word(f *zip.File) (string, error) {
	r, err := f.Open()
	if err != nil {
		return "", s.errorf(ErrFormat, "array %s: %v", f.Name, err)
	}
	defer r.Close()
	h, err := s.npyHeader(r)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(io.LimitReader(r, 64))
	if err != nil || len(h.shape) != 0 {
		return "", s.errorf(ErrFormat, "array %s does not hold a word", f.Name)
	}
	return string(bytes.ReplaceAll(b, []byte{0}, nil)), nil
}
