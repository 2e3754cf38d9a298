package datasets

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ErrFormat is wrapped by every error about a file that is not what it should
// be: damaged, cut off, or of a kind that is not read here.
var ErrFormat = errors.New("the file cannot be read as data")

// ErrTooLarge is wrapped when a file needs more memory than
// OpenOptions.MaxBytes allows.
var ErrTooLarge = errors.New("larger than the limit")

// Layout says how a text table holds a matrix.
type Layout int

const (
	AutoLayout Layout = iota // found from the header and the first lines, and said in Data.Notes
	Table                    // a line for each row of the matrix; empty cells and NaN are missing
	Triplets                 // a line for each entry: row, column, value; other columns are ignored
)

// Choice answers a question about a file.
type Choice int

const (
	Auto Choice = iota // found from the first lines, and said in Data.Notes
	Yes
	No
)

// Index says what the row and column of a triplet are.
type Index int

const (
	Names    Index = iota // any words; the distinct ones are the rows and columns, see Data.RowNames
	FromZero              // indices that count from 0
	FromOne               // indices that count from 1
)

// Duplicates says what happens to an entry that a file gives more than once.
type Duplicates int

const (
	Reject  Duplicates = iota // an error that names both lines
	Average                   // the mean of its values
	Last                      // the value that comes last in the file
)

// OpenOptions say what [Open] cannot know, or guessed wrong. The zero value,
// and a nil pointer, let it find everything out.
type OpenOptions struct {
	Format   string // one of [Formats]; default: found from the content and the name
	Variable string // which array of an .npz or .mat file; default: its only one

	// For text.
	Layout       Layout
	Header       Choice   // whether the first line holds names
	RowNames     Choice   // whether the first field of each line of a Table is the row's name
	Delimiter    string   // one character, or "::", or " " for any white space; default: found
	DecimalComma bool     // numbers are written 3,14
	Missing      []string // what else stands for a missing value, beside an empty cell, NaN, NA, N/A, null, none, "-" and "?"
	Columns      []string // of Triplets: the columns with row, column and value, by name or by number from 1
	Index        Index    // of Triplets
	Duplicates   Duplicates

	// FramesAsRows lays each image of a film out as a row, not as a column.
	FramesAsRows bool

	// Video says which frames of a video are read, and how large; default
	// every frame as it is.
	Video *VideoOptions

	// MaxBytes bounds what is read: the bytes of the file, those that
	// decompression makes of them, and those of a matrix in memory; default
	// 2³¹ (2 GiB). It keeps a file of a few bytes that decompresses to a
	// terabyte from filling the memory.
	MaxBytes int64
}

const defaultMaxBytes = 1 << 31

// Open reads a matrix from a file, from a folder of images, or through
// [OpenVideo] from a video. It finds the format from the content; gzip is undone
// on the way. See the package's documentation for what each format gives.
//
// A nil o means [OpenOptions] with all fields zero. Errors name the file, the
// line or the byte, what is there and what was expected; they wrap ErrFormat,
// ErrShape, ErrValue, ErrEmpty, ErrTooLarge, or an error of the file system.
//
// Memory: 8 bytes for an entry of a matrix, 24 for an entry of a triplet (48
// while it is read), and for binary formats the file itself while it is read.
func Open(path string, o *OpenOptions) (*Data, error) {
	return OpenContext(context.Background(), path, o)
}

// OpenContext is [Open], and ends the reading of a video when ctx ends. Other
// files are read whatever ctx says.
func OpenContext(ctx context.Context, path string, o *OpenOptions) (*Data, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("datasets: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return openFolder(path, o)
	}
	if (o == nil || o.Format == "") && isVideo(f, path) {
		return OpenVideo(ctx, path, o.video())
	}
	return Read(f, filepath.Base(path), o)
}

// Read is [Open] for a stream. The name is for messages and Data.Name; its
// ending helps to tell the text formats apart.
func Read(r io.Reader, name string, o *OpenOptions) (*Data, error) {
	s, err := newSource(name, o)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, s.errorf(ErrEmpty, "Read was given no reader")
	}
	if f, ok := r.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			s.size = info.Size()
		}
	}
	if err := s.begin(r); err != nil {
		return nil, err
	}
	format := s.o.Format
	if format == "" {
		if format, err = s.detect(); err != nil {
			return nil, err
		}
	}
	d, err := readers()[format](s)
	if err != nil {
		return nil, err
	}
	d.Name = s.name
	if d.Format == "" {
		d.Format = format
	}
	return d, nil
}

// readers has the reader of each format.
func readers() map[string]func(*source) (*Data, error) {
	return map[string]func(*source) (*Data, error){
		"npy": readNpy, "npz": readNpz, "mtx": readMtx, "mat5": readMat5, "mat7.3": readMat73,
		"csv": readText, "ratings": readRatings, "recbole": readRecBole,
		"png": readImage, "jpeg": readImage, "pnm": readImage,
	}
}

// Formats lists what OpenOptions.Format may be: "csv" is any delimited text,
// "ratings" is user::item::rating, "recbole" is text with a typed header, and
// "pnm" is PBM, PGM and PPM. A folder of images needs no format.
func Formats() []string {
	var names []string
	for name := range readers() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// source is what one call of Read reads from.
type source struct {
	name string
	o    OpenOptions
	r    *bufio.Reader
	left int64 // bytes that may still be read or made
	size int64 // bytes of a file that is not compressed, 0 where that is not known
}

func newSource(name string, o *OpenOptions) (*source, error) {
	s := &source{name: name}
	if o != nil {
		s.o = *o
	}
	if s.o.MaxBytes == 0 {
		s.o.MaxBytes = defaultMaxBytes
	}
	s.left = s.o.MaxBytes
	return s, s.check()
}

func (s *source) check() error {
	o := &s.o
	switch {
	case o.MaxBytes < 0:
		return s.errorf(ErrValue, "MaxBytes is %d; a positive number is wanted, or 0 for %d", o.MaxBytes, int64(defaultMaxBytes))
	case o.Format != "" && readers()[o.Format] == nil:
		return s.errorf(ErrValue, "there is no format %q; there are %s", o.Format, strings.Join(Formats(), ", "))
	case o.Layout < AutoLayout || o.Layout > Triplets:
		return s.errorf(ErrValue, "Layout is %d; AutoLayout, Table or Triplets is wanted", o.Layout)
	case o.Header < Auto || o.Header > No || o.RowNames < Auto || o.RowNames > No:
		return s.errorf(ErrValue, "Header is %d and RowNames %d; Auto, Yes or No is wanted", o.Header, o.RowNames)
	case o.Index < Names || o.Index > FromOne:
		return s.errorf(ErrValue, "Index is %d; Names, FromZero or FromOne is wanted", o.Index)
	case o.Duplicates < Reject || o.Duplicates > Last:
		return s.errorf(ErrValue, "Duplicates is %d; Reject, Average or Last is wanted", o.Duplicates)
	case len(o.Columns) != 0 && len(o.Columns) != 2 && len(o.Columns) != 3:
		return s.errorf(ErrValue, "Columns has %d names; those of row, column and value are wanted, or of row and column where each line counts as 1", len(o.Columns))
	case !validDelimiter(o.Delimiter):
		return s.errorf(ErrValue, "Delimiter is %q; one of \",\" \";\" \"|\" \"\\t\" \"::\" and \" \", or one other character, is wanted", o.Delimiter)
	case o.DecimalComma && o.Delimiter == ",":
		return s.errorf(ErrValue, "DecimalComma is set and Delimiter is a comma as well; a comma cannot be both")
	}
	return nil
}

// errorf makes an error about the file; what it wraps comes last.
func (s *source) errorf(kind error, format string, args ...any) error {
	return fmt.Errorf("datasets: %s: %w", s.name, sentence(kind, format, args...))
}

// at is errorf for a line, and if col > 0 a column, of a text.
func (s *source) at(line, col int, kind error, format string, args ...any) error {
	where := fmt.Sprintf("line %d", line)
	if col > 0 {
		where += fmt.Sprintf(", column %d", col)
	}
	return fmt.Errorf("datasets: %s, %s: %w", s.name, where, sentence(kind, format, args...))
}

func sentence(kind error, format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), kind)
}

// take books n bytes of memory.
func (s *source) take(n int64) error {
	if n < 0 || n > s.left {
		return s.errorf(ErrTooLarge, "more than MaxBytes = %d bytes would be needed; if the file is meant to be so large, set MaxBytes higher", s.o.MaxBytes)
	}
	s.left -= n
	return nil
}

// begin starts reading r, through gzip where that is.
func (s *source) begin(r io.Reader) error {
	s.r = bufio.NewReaderSize(r, sampleSize)
	if head, _ := s.r.Peek(2); string(head) == "\x1f\x8b" {
		z, err := gzip.NewReader(s.r)
		if err != nil {
			return s.errorf(ErrFormat, "it begins like gzip, but: %v", err)
		}
		s.r, s.size = bufio.NewReaderSize(&limited{s, z}, sampleSize), 0
		s.name = strings.TrimSuffix(s.name, ".gz")
	} else {
		s.r = bufio.NewReaderSize(&limited{s, s.r}, sampleSize)
	}
	if _, err := s.r.Peek(1); err == io.EOF {
		return s.errorf(ErrEmpty, "the file is empty")
	} else if err != nil {
		return s.readError(err)
	}
	return nil
}

// limited books what is read.
type limited struct {
	s *source
	r io.Reader
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if limit := l.s.take(int64(n)); limit != nil {
		return 0, limit
	}
	return n, err
}

// readError says why the bytes of the file did not come.
func (s *source) readError(err error) error {
	switch {
	case errors.Is(err, ErrTooLarge):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return s.errorf(ErrFormat, "the file is cut off")
	case isDamage(err):
		return s.errorf(ErrFormat, "its compressed data are damaged: %v", err)
	}
	return fmt.Errorf("datasets: %s: %w", s.name, err)
}

// isDamage reports whether an error of a decompressor is about its data.
func isDamage(err error) bool {
	for _, known := range []error{gzip.ErrChecksum, gzip.ErrHeader, zip.ErrFormat, zip.ErrChecksum, zip.ErrAlgorithm} {
		if errors.Is(err, known) {
			return true
		}
	}
	return errors.As(err, new(flate.CorruptInputError))
}

// all reads the rest of the file.
func (s *source) all() ([]byte, error) {
	b, err := io.ReadAll(s.r)
	if err != nil {
		return nil, s.readError(err)
	}
	return b, nil
}

// sampleSize is how far detection looks into a file.
const sampleSize = 1 << 16

// detect finds the format.
func (s *source) detect() (string, error) {
	b, err := s.r.Peek(sampleSize)
	if err != nil && err != io.EOF {
		return "", s.readError(err)
	}
	for _, m := range []struct{ magic, format string }{
		{"\x93NUMPY", "npy"}, {"PK\x03\x04", "npz"}, {"PK\x05\x06", "npz"}, {hdf5Magic, "mat7.3"},
		{"\x89PNG\r\n\x1a\n", "png"}, {"\xff\xd8\xff", "jpeg"}, {"%%MatrixMarket", "mtx"},
	} {
		if bytes.HasPrefix(b, []byte(m.magic)) {
			return m.format, nil
		}
	}
	switch {
	case isHDF5(b):
		return "mat7.3", nil
	case isMat5(b):
		return "mat5", nil
	case len(b) > 2 && b[0] == 'P' && b[1] >= '1' && b[1] <= '6' && (isSpace(b[2]) || b[2] == '#'):
		return "pnm", nil
	}
	if err := s.checkText(b); err != nil {
		return "", err
	}
	switch ending := strings.ToLower(filepath.Ext(s.name)); {
	case ending == ".inter": // its reader says what is wrong with the first line
		return "recbole", nil
	case ending == ".mtx":
		return "mtx", nil
	case slices.Contains(imageEndings, ending) || slices.Contains([]string{".npy", ".npz", ".mat", ".h5"}, ending):
		return "", s.errorf(ErrFormat, "it is called %s and does not begin as such a file does; if it is text, set Format to csv", ending)
	}
	return "csv", nil
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// checkText refuses what is no text that can be read here.
func (s *source) checkText(b []byte) error {
	known := strings.Join(Formats(), ", ")
	switch {
	case isVideo(bytes.NewReader(b), ""):
		return s.errorf(ErrFormat, "this is a video, which Open reads from a file that is not compressed further, and Read does not from a stream")
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")):
		return s.errorf(ErrFormat, "the text is in UTF-16; UTF-8 is wanted (iconv -f utf-16 -t utf-8)")
	case bytes.HasPrefix(b, []byte("PAR1")):
		return s.errorf(ErrFormat, "this is Parquet, which is not read here; write it as CSV or .npy; read are %s", known)
	case bytes.HasPrefix(b, []byte("\x80")) && len(b) > 1 && b[1] <= 5:
		return s.errorf(ErrFormat, "this is a Python pickle, which can run programs when it is read and so is not; write it with numpy.save(…, allow_pickle=False) or as CSV; read are %s", known)
	case bytes.HasPrefix(b, []byte("CDF")):
		return s.errorf(ErrFormat, "this is netCDF, which is not read here; write the variable as .npy or CSV; read are %s", known)
	}
	if at := bytes.IndexByte(b, 0); at >= 0 {
		hint := ""
		if isMat4(b) {
			hint = "; it may be a MATLAB file of version 4, which is not read here: save it with -v7"
		}
		return s.errorf(ErrFormat, "byte %d is zero, so that this is no text, and no format that is known begins like this%s; read are %s", at, hint, known)
	}
	return nil
}
