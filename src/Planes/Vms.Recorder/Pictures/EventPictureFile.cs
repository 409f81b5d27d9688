using System.Text;
using Vms.Containers.AtRest;
using Vms.Recorder.AtRest;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Pictures;

/// <summary>The still of an event as it stands on the disk: the JPEG, or, in encrypted storage, eight bytes that say so and an <see cref="EncryptedPicture"/>. It is bound to
/// its place in the pool, which is made of the event: moved to another pool it opens, put in another event's place it does not.</summary>
internal static class EventPictureFile
{
    private static ReadOnlySpan<byte> EncryptedMagic => "VMSSTIL1"u8;

    /// <param name="place">Relative to its pool, with '/' on every system.</param>
    /// <param name="key">Null leaves it plain.</param>
    public static byte[] ToStored(ReadOnlySpan<byte> jpeg, string place, DataKey? key) =>
        key is null ? jpeg.ToArray() : [.. EncryptedMagic, .. EncryptedPicture.Encrypt(jpeg, Encoding.UTF8.GetBytes(place), key)];

    /// <param name="path">Where it was read, for whoever looks for the reason.</param>
    /// <exception cref="RecordingUnreadableException">Its key is not there, or it is not what was stored.</exception>
    public static byte[] ToJpeg(byte[] stored, string path, string place, StorageKeys keys)
    {
        if (!stored.AsSpan().StartsWith(EncryptedMagic))
        {
            return stored;
        }

        var encrypted = stored.AsSpan(EncryptedMagic.Length);
        if (!EncryptedPicture.TryReadKeyId(encrypted, out ulong id))
        {
            throw new RecordingUnreadableException(UnreadableReason.Damaged, path);
        }

        if (keys.Find(id) is not { } key)
        {
            keys.TellMissing(id, path);
            throw new RecordingUnreadableException(UnreadableReason.KeyMissing, path);
        }

        return EncryptedPicture.Decrypt(encrypted, Encoding.UTF8.GetBytes(place), _ => key) ?? throw new RecordingUnreadableException(UnreadableReason.Damaged, path);
    }
}
