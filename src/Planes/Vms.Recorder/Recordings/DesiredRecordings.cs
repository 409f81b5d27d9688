using Google.Protobuf;
using Vms.Contracts.Recorder;

namespace Vms.Recorder.Recordings;

/// <summary>What control asked for last, per stream; a stream that was stopped stays in it with mode off, because its video is still
/// kept by its rules. Immutable.</summary>
internal sealed class DesiredRecordings(IReadOnlyDictionary<(string CameraId, string Stream), RecordingSpec> specs)
{
    public const string Off = "off";

    public static readonly DesiredRecordings Empty = new(new Dictionary<(string, string), RecordingSpec>());

    public IEnumerable<RecordingSpec> All => specs.Values;

    public RecordingSpec? Of(string cameraId, string stream) => specs.GetValueOrDefault((cameraId, stream));

    public DesiredRecordings With(RecordingSpec spec) =>
        new(new Dictionary<(string CameraId, string Stream), RecordingSpec>(specs) { [(spec.CameraId, spec.Stream)] = spec });

    public DesiredRecordings Without(string cameraId) =>
        new(specs.Where(s => s.Key.CameraId != cameraId).ToDictionary());

    public byte[] ToBytes()
    {
        var buffer = new MemoryStream();
        foreach (var spec in specs.Values)
        {
            spec.WriteDelimitedTo(buffer);
        }

        return buffer.ToArray();
    }

    /// <exception cref="InvalidDataException">Not written by <see cref="ToBytes"/>.</exception>
    public static DesiredRecordings FromBytes(byte[] bytes)
    {
        try
        {
            var buffer = new MemoryStream(bytes);
            var specs = new Dictionary<(string CameraId, string Stream), RecordingSpec>();
            while (buffer.Position < buffer.Length)
            {
                var spec = RecordingSpec.Parser.ParseDelimitedFrom(buffer);
                specs[(spec.CameraId, spec.Stream)] = spec;
            }

            return new DesiredRecordings(specs);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException("not a list of recordings", e);
        }
    }
}
