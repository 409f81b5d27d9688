using System.Reflection;
using System.Runtime.InteropServices;

namespace Vms.Native.Libraries;

/// <summary>Finds the libraries that the system brings, by its file names. Each name holds the one major version whose functions and
/// sizes are declared here: another one would be read wrongly.</summary>
internal static class SystemLibraries
{
    public const string Ssl = "ssl-3";
    public const string Crypto = "crypto-3";
    public const string AvCodec = "avcodec-59";
    public const string AvUtil = "avutil-57";
    public const string SwScale = "swscale-6";
    public const string SwResample = "swresample-4";
    public const string Opus = "opus-0";
    public const string TurboJpeg = "turbojpeg-0";

    private static readonly Lock s_lock = new();
    private static bool s_registered;

    /// <summary>To be called before the first import; the runtime takes one resolver per assembly.</summary>
    public static void Register()
    {
        lock (s_lock)
        {
            if (s_registered)
                return;
            NativeLibrary.SetDllImportResolver(typeof(SystemLibraries).Assembly, Resolve);
            s_registered = true;
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        var (file, neededFor, package) = FileOf(name);
        if (file is null)
            return 0;       // the default search
        if (NativeLibrary.TryLoad(file, assembly, path, out nint library))
            return library;
        string hint = OperatingSystem.IsWindows() ? "the DLL beside the program" : $"package {package}";
        throw new DllNotFoundException($"{file} not found: {neededFor} ({hint})");
    }

    private static (string? File, string NeededFor, string Package) FileOf(string name)
    {
        bool windows = OperatingSystem.IsWindows();
        string bits = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        return name switch
        {
            Ssl => (windows ? $"libssl-3-{bits}.dll" : "libssl.so.3", "WebRTC needs OpenSSL 3", "libssl3"),
            Crypto => (windows ? $"libcrypto-3-{bits}.dll" : "libcrypto.so.3", "WebRTC needs OpenSSL 3", "libssl3"),
            AvCodec => (windows ? "avcodec-59.dll" : "libavcodec.so.59", "snapshots need FFmpeg 5", "libavcodec59"),
            AvUtil => (windows ? "avutil-57.dll" : "libavutil.so.57", "snapshots need FFmpeg 5", "libavutil57"),
            SwScale => (windows ? "swscale-6.dll" : "libswscale.so.6", "snapshots need FFmpeg 5", "libswscale6"),
            SwResample => (windows ? "swresample-4.dll" : "libswresample.so.4", "sound of AAC cameras by WebRTC needs FFmpeg 5", "libswresample4"),
            Opus => (windows ? "opus.dll" : "libopus.so.0", "sound of AAC cameras by WebRTC needs libopus", "libopus0"),
            TurboJpeg => (windows ? "turbojpeg.dll" : "libturbojpeg.so.0", "snapshots need libjpeg-turbo", "libturbojpeg0"),
            _ => (null, "", ""),
        };
    }
}
