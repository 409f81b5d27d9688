using Vms.Ai.Detectors;
using Vms.Native.Ffmpeg;

namespace Vms.Ai.Models;

/// <summary>Writes parts of pictures into a model's input tensor. One caller at a time; keeps its buffers.</summary>
internal sealed class TensorWriter : IDisposable
{
    private const int Levels = 256;

    private readonly ModelInput _input;
    private readonly BgrScaler _scaler = new();
    private readonly byte[] _scaled;
    private readonly float[] _blue, _green, _red;   // what each of the 256 levels becomes: mean and scale cost nothing per pixel

    internal TensorWriter(ModelInput input)
    {
        _input = input;
        _scaled = new byte[input.Elements + BgrScaler.SlackBytes];
        _blue = Table(input.Mean.B, input.Scale.B);
        _green = Table(input.Mean.G, input.Scale.G);
        _red = Table(input.Mean.R, input.Scale.R);
    }

    /// <param name="region">The part of the picture to look at. At least a pixel of it is looked at.</param>
    /// <param name="tensor">One picture's part of the input.</param>
    /// <returns>Where the input's whole square lies in the picture: boxes in parts of the input are placed in it.</returns>
    internal Box Write(Picture picture, in Box region, Span<float> tensor)
    {
        var (x, y, width, height) = PixelsOf(picture, region);
        var (fitWidth, fitHeight) = _input.Fit(width, height);
        int stride = picture.StrideBytes;
        _scaler.Scale(picture.WithSlack[((y * stride) + (x * Picture.BytesPerPixel))..], stride, width, height, _scaled, fitWidth * Picture.BytesPerPixel, fitWidth, fitHeight);
        if (fitWidth < _input.Width || fitHeight < _input.Height)
            Pad(tensor);
        if (_input.PlanesFirst)
            WritePlanes(tensor, fitWidth, fitHeight);
        else
            WriteInterleaved(tensor, fitWidth, fitHeight);
        float scaleX = (float)width / fitWidth / picture.Width, scaleY = (float)height / fitHeight / picture.Height;
        return new Box((float)x / picture.Width, (float)y / picture.Height, _input.Width * scaleX, _input.Height * scaleY);
    }

    public void Dispose() => _scaler.Dispose();

    /// <summary>A part of a picture in whole pixels, inside it and not empty.</summary>
    internal static (int X, int Y, int Width, int Height) PixelsOf(Picture picture, in Box region)
    {
        Box inside = region.Clipped();
        int x = Math.Min((int)(inside.X * picture.Width), picture.Width - 1), y = Math.Min((int)(inside.Y * picture.Height), picture.Height - 1);
        int right = Math.Clamp((int)MathF.Ceiling(inside.Right * picture.Width), x + 1, picture.Width);
        int bottom = Math.Clamp((int)MathF.Ceiling(inside.Bottom * picture.Height), y + 1, picture.Height);
        return (x, y, right - x, bottom - y);
    }

    private void WritePlanes(Span<float> tensor, int width, int height)
    {
        int plane = _input.Width * _input.Height;
        Span<float> blue = tensor.Slice(_input.RedFirst ? 2 * plane : 0, plane);
        Span<float> green = tensor.Slice(plane, plane);
        Span<float> red = tensor.Slice(_input.RedFirst ? 0 : 2 * plane, plane);
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> row = _scaled.AsSpan(y * width * Picture.BytesPerPixel, width * Picture.BytesPerPixel);
            int at = y * _input.Width;
            Span<float> b = blue.Slice(at, width), g = green.Slice(at, width), r = red.Slice(at, width);
            for (int x = 0, i = 0; x < b.Length && i + 2 < row.Length; x++, i += Picture.BytesPerPixel)
            {
                b[x] = _blue[row[i]];
                g[x] = _green[row[i + 1]];
                r[x] = _red[row[i + 2]];
            }
        }
    }

    private void WriteInterleaved(Span<float> tensor, int width, int height)
    {
        var (first, last) = _input.RedFirst ? (2, 0) : (0, 2);
        float[] firstTable = _input.RedFirst ? _red : _blue, lastTable = _input.RedFirst ? _blue : _red;
        int length = width * Picture.BytesPerPixel;
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> row = _scaled.AsSpan(y * length, length);
            Span<float> to = tensor.Slice(y * _input.Width * ModelInput.Channels, length);
            for (int i = 0; i + 2 < row.Length && i + 2 < to.Length; i += Picture.BytesPerPixel)
            {
                to[i] = firstTable[row[i + first]];
                to[i + 1] = _green[row[i + 1]];
                to[i + 2] = lastTable[row[i + last]];
            }
        }
    }

    private void Pad(Span<float> tensor)
    {
        float b = _blue[_input.Padding], g = _green[_input.Padding], r = _red[_input.Padding];
        var (first, last) = _input.RedFirst ? (r, b) : (b, r);
        if (!_input.PlanesFirst)
        {
            for (int i = 0; i + 2 < tensor.Length; i += ModelInput.Channels)
                (tensor[i], tensor[i + 1], tensor[i + 2]) = (first, g, last);
            return;
        }

        int plane = _input.Width * _input.Height;
        tensor[..plane].Fill(first);
        tensor.Slice(plane, plane).Fill(g);
        tensor.Slice(2 * plane, plane).Fill(last);
    }

    private static float[] Table(float mean, float scale)
    {
        var table = new float[Levels];
        for (int i = 0; i < Levels; i++)
            table[i] = (i - mean) * scale;
        return table;
    }
}
