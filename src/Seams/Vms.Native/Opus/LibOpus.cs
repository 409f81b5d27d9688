using System.Runtime.InteropServices;
using Vms.Native.Libraries;

namespace Vms.Native.Opus;

/// <summary>The encoder of libopus 1; native names kept.</summary>
internal static unsafe partial class LibOpus
{
    private const string Library = SystemLibraries.Opus;

    static LibOpus() => SystemLibraries.Register();

    internal const int OPUS_APPLICATION_AUDIO = 2049;

    [LibraryImport(Library)]
    internal static partial nint opus_encoder_create(int rate, int channels, int application, int* error);

    /// <summary>Bytes written, or an error below zero.</summary>
    [LibraryImport(Library)]
    internal static partial int opus_encode(nint encoder, short* samples, int samplesPerChannel, byte* packet, int maxBytes);

    [LibraryImport(Library)]
    internal static partial void opus_encoder_destroy(nint encoder);
}
