using System.Runtime.InteropServices;
using Vms.Native.Libraries;

namespace Vms.Native.Jpeg;

/// <summary>libjpeg-turbo's encoder; native names kept.</summary>
internal static unsafe partial class TurboJpeg
{
    private const string Library = SystemLibraries.TurboJpeg;
    private const int TJSAMP_420 = 2;
    private const int TJPF_BGR = 1;

    static TurboJpeg() => SystemLibraries.Register();

    /// <param name="planes">Y, Cb, Cr at 4:2:0, full range.</param>
    /// <exception cref="InvalidDataException">It refuses the picture.</exception>
    public static byte[] Compress(byte** planes, int* strides, int width, int height, int quality)
    {
        nint encoder = tjInitCompress();
        byte* output = null;
        nuint length = 0;
        try
        {
            if (tjCompressFromYUVPlanes(encoder, planes, width, strides, height, TJSAMP_420, &output, &length, quality, flags: 0) != 0)
                throw new InvalidDataException(Marshal.PtrToStringUTF8((nint)tjGetErrorStr2(encoder)));
            return new ReadOnlySpan<byte>(output, (int)length).ToArray();
        }
        finally
        {
            tjFree(output);
            _ = tjDestroy(encoder);
        }
    }

    /// <param name="pixels">BGR, three bytes each.</param>
    /// <param name="stride">Bytes from row to row.</param>
    /// <exception cref="InvalidDataException">It refuses the picture.</exception>
    public static byte[] CompressBgr(byte* pixels, int stride, int width, int height, int quality)
    {
        nint encoder = tjInitCompress();
        byte* output = null;
        nuint length = 0;
        try
        {
            if (tjCompress2(encoder, pixels, width, stride, height, TJPF_BGR, &output, &length, TJSAMP_420, quality, flags: 0) != 0)
                throw new InvalidDataException(Marshal.PtrToStringUTF8((nint)tjGetErrorStr2(encoder)));
            return new ReadOnlySpan<byte>(output, (int)length).ToArray();
        }
        finally
        {
            tjFree(output);
            _ = tjDestroy(encoder);
        }
    }

    [LibraryImport(Library)]
    private static partial nint tjInitCompress();

    [LibraryImport(Library)]
    private static partial int tjDestroy(nint handle);

    /// <param name="length">C <c>unsigned long</c>: 32 bits on Windows, where the upper half stays 0.</param>
    [LibraryImport(Library)]
    private static partial int tjCompressFromYUVPlanes(
        nint handle, byte** planes, int width, int* strides, int height, int subsampling, byte** output, nuint* length, int quality, int flags);

    [LibraryImport(Library)]
    private static partial int tjCompress2(
        nint handle, byte* pixels, int width, int pitch, int height, int pixelFormat, byte** output, nuint* length, int subsampling, int quality, int flags);

    [LibraryImport(Library)]
    private static partial void tjFree(byte* buffer);

    [LibraryImport(Library)]
    private static partial byte* tjGetErrorStr2(nint handle);
}
