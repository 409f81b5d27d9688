import {
  Activity,
  Bell,
  CameraOff,
  Car,
  Cctv,
  CircleDot,
  Cpu,
  FileWarning,
  HardDrive,
  Hourglass,
  type LucideIcon,
  Package,
  PawPrint,
  RectangleEllipsis,
  ScanFace,
  ShieldAlert,
  Spline,
  SquareDashed,
  ToggleRight,
  UserRound,
  Volume2,
} from "lucide-react";

/** By the whole type, else by what it begins with. */
const icons: Record<string, LucideIcon> = {
  motion: Activity,
  "object.person": UserRound,
  "object.vehicle": Car,
  "object.animal": PawPrint,
  "object.face": ScanFace,
  object: Package,
  face: ScanFace,
  line: Spline,
  "zone.loitering": Hourglass,
  zone: SquareDashed,
  plate: RectangleEllipsis,
  scene: ShieldAlert,
  sound: Volume2,
  input: ToggleRight,
  rule: Cctv,
  "camera.offline": CameraOff,
  "camera.unreachable": CameraOff,
  "camera.audio": Volume2,
  camera: Cctv,
  "recording.manual": CircleDot,
  "recording.started": CircleDot,
  recording: FileWarning,
  retention: HardDrive,
  storage: HardDrive,
  system: Cpu,
};

export function eventIcon(type: string): LucideIcon {
  for (let name = type; name; name = name.slice(0, Math.max(0, name.lastIndexOf("."))))
    if (Object.hasOwn(icons, name)) return icons[name]!;
  return Bell;
}
