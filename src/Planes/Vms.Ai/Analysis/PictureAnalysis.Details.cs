using Vms.Ai.Detectors;
using Vms.Ai.Rules;
using Vms.Ai.Tracking;

namespace Vms.Ai.Analysis;

/// <summary>What is looked at more closely of objects that were found.</summary>
internal sealed partial class PictureAnalysis
{
    private readonly List<(ObjectTrack Person, Box Box)> _faces = [];

    /// <summary>Plates and faces of what was seen, as far as they are wanted: the detectors have the picture once more.</summary>
    private bool LookCloser(List<ObjectTrack> seen, Action wake)
    {
        Picture picture = _picture!;
        var vehicles = seen.Where(t => DetailsOf(t).WantsPlate(t, _spec.Settings, picture.Height, _pictureUs)).ToList();
        var people = seen.Where(t => DetailsOf(t).WantsFace(t, _spec.Settings, picture.Height, _pictureUs)).ToList();
        if (vehicles.Count + people.Count == 0)
            return false;
        CancellationToken ending = _ending.Token;
        _looking = LookAsync();
        return true;

        async Task LookAsync()
        {
            await Task.Yield();     // the thread's own state is changed behind it, one after the other: nobody else looks meanwhile
            try
            {
                // What could not be looked at is tried with the next picture; plates that cannot be read keep nobody from looking for faces.
                await TryAsync(ReadPlatesAsync);
                await TryAsync(FindFacesAsync);
            }
            finally
            {
                wake();
            }
        }

        async Task ReadPlatesAsync()
        {
            foreach (ObjectTrack vehicle in vehicles)
            {
                if (await _parts.Plates.ReadAsync(picture, vehicle.Box.Clipped(), _spec.Settings.PlateCountry, ending) is { } reading)
                    DetailsOf(vehicle).Read(reading);
            }
        }

        async Task FindFacesAsync()
        {
            foreach (ObjectTrack person in people)
            {
                Box box = person.Box.Clipped();
                var faces = await _parts.Faces.DetectAsync(picture, box with { Height = box.Height / 2 }, ending);
                if (faces.Count == 0)
                    continue;
                DetailsOf(person).FaceSeen = true;
                _faces.Add((person, faces[0].Box));
            }
        }

        static async Task TryAsync(Func<Task> look)
        {
            try
            {
                await look();
            }
            catch (Exception e) when (e is OperationCanceledException or Models.ModelException)
            {
            }
        }
    }

    /// <summary>What was found by looking closer, once for each object.</summary>
    private void TellDetails()
    {
        foreach (ObjectTrack track in _tracker.Tracks)
        {
            if (!_details.TryGetValue(track.Id, out var details) || details.PlateTold || details.Plate is null)
                continue;
            details.PlateTold = true;
            Tell(new Finding("plate.read", track, "plate", track.LastSeenUs, _spec.Settings.MinConfidence));
        }

        foreach (var (person, box) in _faces)
            Tell(new Finding("face.seen", person, "face", person.LastSeenUs, _spec.Settings.MinConfidence) { Box = box });
        _faces.Clear();
    }
}
