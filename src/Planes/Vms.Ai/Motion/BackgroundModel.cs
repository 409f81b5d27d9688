using Vms.Ai.Detectors;

namespace Vms.Ai.Motion;

/// <summary>
/// What a camera's small grey picture looks like when nothing moves: of each pixel a running mean and how much it wavers. What differs by more than that
/// has moved. Follows slow changes of the light, takes a sudden one of the whole picture as the light's, and lets what has come to stay become background.
/// Allocates nothing per picture but the boxes found. One caller at a time.
/// </summary>
internal sealed class BackgroundModel
{
    internal const int GridSide = 16;

    /// <summary>Boxes of one picture; the smallest are left out.</summary>
    internal const int MaxBoxes = 24;

    private const int CellSide = 4;

    /// <summary>The mean is kept in 256ths.</summary>
    private const int Scale = 256;

    private const int LearnShift = 4;
    private const int LearnMovingShift = 7;

    /// <summary>What differs from the background and has not moved since the last picture: a car that has parked is background after some seconds.</summary>
    private const int LearnStandingShift = 4;

    private const int Standing = 6;
    private const int FirstPictures = 8;
    private const int FirstShift = 2;

    /// <summary>More than this part of the picture at once is the light, or the camera was moved.</summary>
    private const double WholePicture = 0.6;

    private readonly int _width, _height, _columns, _rows;
    private readonly int[] _mean;
    private readonly int[] _deviation;
    private readonly bool[]? _masked;
    private readonly byte[] _before;
    private readonly byte[] _changed;
    private readonly byte[] _cells;
    private readonly int[] _stack;
    private readonly int[] _histogram = new int[511];
    private readonly byte[] _grid = new byte[GridSide * GridSide];
    private readonly int _least;
    private readonly int _leastCells;
    private int _pictures;

    /// <param name="sensitivity">0..100.</param>
    /// <param name="masked">Pixels that do not count; null for none.</param>
    internal BackgroundModel(int width, int height, int sensitivity, bool[]? masked)
    {
        (_width, _height, _masked) = (width, height, masked);
        (_columns, _rows) = ((width + CellSide - 1) / CellSide, (height + CellSide - 1) / CellSide);
        _mean = new int[width * height];
        _deviation = new int[width * height];
        _before = new byte[width * height];
        _changed = new byte[width * height];
        _cells = new byte[_columns * _rows];
        _stack = new int[_columns * _rows];
        int s = Math.Clamp(sensitivity, 0, 100);
        _least = 40 - (s * 32 / 100);                                // 40 steps of luma to 8
        double share = 0.012 * Math.Pow(0.02, s / 100.0);            // of the picture: 1.2 % to 0.024 %
        _leastCells = Math.Max(1, (int)Math.Round(share * _columns * _rows));
    }

    /// <summary>Nearly everything changed at once in the last picture: the light, or the camera. Nothing of it counts as motion.</summary>
    internal bool WasWholePicture { get; private set; }

    /// <summary>Where something moved since <see cref="ClearGrid"/>: the greatest share of each of 16 × 16 cells, 0..255.</summary>
    internal ReadOnlySpan<byte> Grid => _grid;

    internal void ClearGrid() => Array.Clear(_grid);

    /// <summary>The camera was turned: what follows is background again.</summary>
    internal void Forget() => _pictures = 0;

    /// <param name="picture">Width × height pixels.</param>
    /// <returns>Where something moves, largest first.</returns>
    internal IReadOnlyList<Box> Look(ReadOnlySpan<byte> picture)
    {
        WasWholePicture = false;
        if (_pictures == 0)
        {
            Restart(picture);
            return [];
        }

        int light = LightChange(picture);
        int changed = Compare(picture, light);
        if (changed > WholePicture * picture.Length)
        {
            WasWholePicture = true;
            Restart(picture);
            return [];
        }

        Learn(picture, light);
        _pictures = Math.Min(_pictures + 1, FirstPictures);
        if (changed == 0)
            return [];
        FillGrid();
        return _pictures < 3 ? [] : FindBoxes();
    }

    private void Restart(ReadOnlySpan<byte> picture)
    {
        for (int i = 0; i < picture.Length; i++)
            _mean[i] = picture[i] * Scale;
        Array.Fill(_deviation, 2 * Scale);
        picture.CopyTo(_before);
        _pictures = 1;
    }

    /// <summary>The middle difference: what the light or the camera's exposure did to all pixels.</summary>
    private int LightChange(ReadOnlySpan<byte> picture)
    {
        Array.Clear(_histogram);
        int counted = 0;
        for (int i = 0; i < picture.Length; i += 3)
        {
            _histogram[picture[i] - (_mean[i] / Scale) + 255]++;
            counted++;
        }

        int sum = 0;
        for (int i = 0; i < _histogram.Length; i++)
        {
            sum += _histogram[i];
            if (sum * 2 >= counted)
                return i - 255;
        }

        return 0;
    }

    private int Compare(ReadOnlySpan<byte> picture, int light)
    {
        int least = _least * Scale, changed = 0;
        for (int i = 0; i < picture.Length; i++)
        {
            int difference = Math.Abs(((picture[i] - light) * Scale) - _mean[i]);
            bool isChanged = difference > Math.Max(least, _deviation[i] * 3);
            if (isChanged)
                changed++;
            _changed[i] = isChanged && _masked?[i] != true ? (byte)1 : (byte)0;
        }

        return changed;
    }

    private void Learn(ReadOnlySpan<byte> picture, int light)
    {
        int still = _pictures < FirstPictures ? FirstShift : LearnShift;
        // A light that changed slowly is learned: the mean goes after it, a little each picture.
        for (int i = 0; i < picture.Length; i++)
        {
            int shift = _changed[i] == 0 ? still : Math.Abs(picture[i] - light - _before[i]) <= Standing ? LearnStandingShift : LearnMovingShift;
            int value = picture[i] * Scale;
            int difference = Math.Abs(value - (light * Scale) - _mean[i]);
            _mean[i] += (value - _mean[i]) >> shift;
            if (_changed[i] == 0)
                _deviation[i] += (difference - _deviation[i]) >> LearnShift;
        }

        picture.CopyTo(_before);
    }

    private void FillGrid()
    {
        Span<int> counts = stackalloc int[GridSide * GridSide];
        counts.Clear();
        for (int y = 0; y < _height; y++)
        {
            int row = y * GridSide / _height * GridSide;
            for (int x = 0; x < _width; x++)
            {
                if (_changed[(y * _width) + x] != 0)
                    counts[row + (x * GridSide / _width)]++;
            }
        }

        int cell = Math.Max(1, _width * _height / (GridSide * GridSide));
        for (int i = 0; i < counts.Length; i++)
            _grid[i] = Math.Max(_grid[i], (byte)Math.Min(255, counts[i] * 255 / cell));
    }

    /// <summary>Cells with enough changed pixels, those that touch each other as one box.</summary>
    private List<Box> FindBoxes()
    {
        for (int cy = 0; cy < _rows; cy++)
        {
            for (int cx = 0; cx < _columns; cx++)
            {
                int count = 0, bottom = Math.Min(_height, (cy + 1) * CellSide), right = Math.Min(_width, (cx + 1) * CellSide);
                for (int y = cy * CellSide; y < bottom; y++)
                {
                    for (int x = cx * CellSide; x < right; x++)
                        count += _changed[(y * _width) + x];
                }

                _cells[(cy * _columns) + cx] = count * 4 >= CellSide * CellSide ? (byte)1 : (byte)0;
            }
        }

        var boxes = new List<Box>();
        for (int cell = 0; cell < _cells.Length; cell++)
        {
            if (_cells[cell] != 0 && Fill(cell) is { } box)
                boxes.Add(box);
        }

        if (boxes.Count > 1)
            boxes.Sort((a, b) => (b.Width * b.Height).CompareTo(a.Width * a.Height));
        if (boxes.Count > MaxBoxes)
            boxes.RemoveRange(MaxBoxes, boxes.Count - MaxBoxes);
        return boxes;
    }

    private Box? Fill(int start)
    {
        int depth = 0, cells = 0, left = _columns, right = 0, top = _rows, bottom = 0;
        _stack[depth++] = start;
        _cells[start] = 0;
        while (depth > 0)
        {
            int cell = _stack[--depth], x = cell % _columns, y = cell / _columns;
            cells++;
            (left, right, top, bottom) = (Math.Min(left, x), Math.Max(right, x), Math.Min(top, y), Math.Max(bottom, y));
            for (int ny = Math.Max(0, y - 1); ny <= Math.Min(_rows - 1, y + 1); ny++)
            {
                for (int nx = Math.Max(0, x - 1); nx <= Math.Min(_columns - 1, x + 1); nx++)
                {
                    int next = (ny * _columns) + nx;
                    if (_cells[next] == 0)
                        continue;
                    _cells[next] = 0;
                    _stack[depth++] = next;
                }
            }
        }

        if (cells < _leastCells)
            return null;
        float x0 = left * CellSide / (float)_width, y0 = top * CellSide / (float)_height;
        return new Box(x0, y0, Math.Min(1, (right + 1) * CellSide / (float)_width) - x0, Math.Min(1, (bottom + 1) * CellSide / (float)_height) - y0);
    }
}
