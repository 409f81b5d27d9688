using System.Security.Cryptography;

namespace Vms.Control.Features.Cameras;

/// <summary>Makes ids of cameras: 16 lower-case letters and digits. They stand in file names, URLs and bus subjects.</summary>
internal static class CameraId
{
    public static string New() => RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 16);
}
