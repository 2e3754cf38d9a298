// Package datasets reads the matrices that people bring, holds real data to try
// methods on, with their source and terms, and has what an experiment needs to
// hide a part of either.
//
// # Files
//
// [Open] reads a file, or a folder of images, and finds out by itself what it
// is; [Read] does so for a stream. What they give is [Data]: a matrix of which
// entries may be missing, with the names of its rows and columns.
//
//	d, err := datasets.Open("ratings.csv", nil)
//	train, test, err := d.Entries().Split(0.2, 1)
//	p, err := problem.Completion{
//		D1: train.D1, D2: train.D2, Rank: 5,
//		Rows: train.Rows, Cols: train.Cols, Values: train.Values,
//	}.New()
//
// A file that holds a whole matrix has each entry observed that is not NaN; a
// file that lists entries (triplets, ratings, a sparse matrix) has those
// observed, and all others missing: a sparse matrix whose other entries are
// known to be zero must be written as a whole one. An infinite entry is an
// error, and so is a matrix without any observed entry.
//
//	format    what it is, and what comes of it
//	npy, npz  NumPy: floats, integers, truth values; either byte order, either
//	          order of axes. A vector is one column, a number is 1×1, an
//	          array of 3 axes is a film, frame × height × width. Of several
//	          arrays Variable picks one. SciPy's sparse csr, csc and coo.
//	          Pickled objects are refused: reading them can run programs.
//	mat5      MATLAB 5 to 7 (save, save -v7): real arrays and sparse ones; a
//	          film is height × width × frame
//	mat7.3    MATLAB 7.3, and other HDF5 files with arrays at the top
//	mtx       Matrix Market: coordinate or array; real, integer or pattern
//	          (each entry is 1); general, symmetric or skew-symmetric
//	csv       text with a delimiter, see below
//	recbole   the .inter files of RecBole, with a header of names and types
//	ratings   user::item::rating::time, as MovieLens has it
//	png jpeg pnm   one image is the matrix of its greys, 0 to 255
//	images    a folder of images of one size, in natural order (frame2 before
//	          frame10), is a film with a column for each image
//	video     mp4, avi, mkv, mov, webm, mpeg and more: the greys of its frames,
//	          decoded by the program ffmpeg, which must be installed;
//	          [OpenVideo] chooses frames and their size
//
// Any but a video may be compressed by gzip. A film has a column for each frame, as
// robust PCA wants it, or with FramesAsRows a row; pixel (y, x) of a frame is
// entry y·Width + x of it, and [Data.Frame] brings it back into its shape.
//
// # Text
//
// The delimiter is the one that cuts the first lines alike: "::", tab,
// semicolon, bar, comma, white space, in this order. Lines that begin with #
// and blank lines are left out; fields may stand between quotes; lines may end
// with CRLF; a byte order mark is dropped. An empty cell, NaN, NA, N/A, null,
// none, "-" and "?" are missing. Decimal commas are an error that says how to
// read them, since 3,14 may be two numbers.
//
// A [Table] has a line for each row of the matrix. Its first line is a header
// if it has a word where a number could be; its first column has names if it
// has words, or is called id, name, index, key, label, or nothing at all.
// [Triplets] have a line for each entry. They are assumed where the
// header calls columns by the usual names (user, item, rating; row, col,
// value; userId, movieId), where Columns names them, and, without a header,
// where there are three or four fields a line, the first two whole numbers that
// repeat, but never as a pair. Rows and columns of triplets are any words: the
// distinct ones become rows in numerical order if all are whole numbers, else
// as they come; [Data.Row] finds a row by its name. With Index they are indices
// instead, and a row that no line names is a row of the matrix all the same.
//
// Whatever was assumed stands in Data.Notes, and a field of [OpenOptions] says
// it otherwise. An entry that is given twice is an error that names both lines,
// or is merged as [Duplicates] says.
//
// # What is not believed
//
// Files lie, break off, and are made to do harm. Sizes in headers are held
// against the bytes that follow before memory is asked for; MaxBytes bounds
// what is read and what decompression makes of it; a reader never panics. Each
// is fuzzed. An error says the file, the line and column or the byte, what is
// there and what is wanted.
//
// # Writing
//
// [SaveNpz] writes matrices and vectors as numpy.load reads them, factors U and
// V or the rows, columns and values of a sparse matrix. A [Film] is written as
// images or, by ffmpeg, as a video; [Data.Film] makes one of a matrix whose
// columns are frames.
//
//	err := datasets.SaveNpz("factors.npz",
//		datasets.NamedArray{Name: "U", Data: x.U}, datasets.NamedArray{Name: "V", Data: x.V})
//	film, err := data.Film(x)                         // x = UVᵀ of data's shape
//	err = film.WriteVideo(ctx, "background.mp4")
//
// Files appear under their name when they are complete.
//
// # Embedded data
//
// [List] names the data sets inside the package and says where they come from
// and under what terms they may be passed on; [Load] gives one as [Data].
// Nothing is fetched. [SeaSurface] and [ColoradoStations] know more of two of
// them.
//
//	sea, err := datasets.SeaSurface()
//	all := datasets.Observed(sea.Unfold())       // the cells that have a value
//	train, hidden, err := all.Split(0.3, 1)      // hide 30 % of them, seed 1
//	mean, err := train.ColumnMeans()             // a baseline
//	rmse, err := hidden.RMSE(mean)               // in °C
//
// # Enough entries?
//
// [Data.Summary] counts what is observed against what a matrix of rank r needs:
// r(d1 + d2 − r) numbers describe one, and a row or column with fewer than r
// entries cannot be determined by any method.
//
// A cell without a value is NaN throughout.
package datasets
