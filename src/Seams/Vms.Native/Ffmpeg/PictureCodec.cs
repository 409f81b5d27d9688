namespace Vms.Native.Ffmpeg;

/// <summary>What <see cref="PictureDecoder"/> takes.</summary>
public enum PictureCodec : byte
{
    /// <summary>A byte stream (ITU-T H.264 annex B) that begins with its parameter sets.</summary>
    H264 = 1,

    /// <summary>As <see cref="H264"/> (ITU-T H.265 annex B).</summary>
    H265 = 2,

    /// <summary>One JPEG file.</summary>
    Mjpeg = 3,
}
